/** The rules of staging labels, written once more and as plainly as can be: what the emulator is compared with. */
export class Model {
  readonly values = new Map<string, string>();
  readonly holders = new Map<string, string>();

  /** Whether the service may take it; if so it has happened. */
  put(token: string, value: string, label: string): boolean {
    const known = this.values.get(token);
    if (known !== undefined) return known === value;
    this.values.set(token, value);
    this.give(label, token);
    return true;
  }

  move(label: string, to: string | undefined, from: string | undefined): boolean {
    const holder = this.holders.get(label);
    if (to === undefined && from === undefined) return false;
    if (to !== undefined && !this.values.has(to)) return false;
    if (from !== undefined && (!this.values.has(from) || holder !== from)) return false;
    if (to === undefined && label === 'AWSCURRENT') return false;
    if (from === undefined && holder !== undefined && holder !== to) return false;
    if (to === undefined) this.holders.delete(label);
    else this.give(label, to);
    return true;
  }

  /** The value of a label or of a version, if there is one. */
  get(by: { readonly label?: string; readonly token?: string }): string | undefined {
    if (by.token === undefined) return this.values.get(this.holders.get(by.label ?? 'AWSCURRENT') ?? '');
    if (by.label !== undefined && this.holders.get(by.label) !== by.token) return undefined;
    return this.values.get(by.token);
  }

  private give(label: string, to: string): void {
    const before = this.holders.get(label);
    if (before === to) return;
    this.holders.set(label, to);
    if (label !== 'AWSCURRENT') return;
    if (this.holders.get('AWSPENDING') === to) this.holders.delete('AWSPENDING');
    if (before !== undefined) this.holders.set('AWSPREVIOUS', before);
    else if (this.holders.get('AWSPREVIOUS') === to) this.holders.delete('AWSPREVIOUS');
  }
}
