/** How a rotation function behaves in a sequence of calls. */
export type Behaviour = 'stuck' | 'half' | 'well';

interface State {
  readonly values: ReadonlyMap<string, string | undefined>;
  readonly holders: ReadonlyMap<string, string>;
}

const MOST_VERSIONS = 100;
const DAY = 86_400_000;
const RECOVERY = 7 * DAY;

/** The rules of staging labels, written once more and as plainly as can be: what the emulator is compared with. */
export class Model {
  now = 0;
  /** By token; without a value while a rotation has only registered it. In the order in which they came. */
  values = new Map<string, string | undefined>();
  holders = new Map<string, string>();
  /** When it was deleted. */
  deleted: number | undefined;

  private readonly created = new Map<string, number>();
  private readonly registered = new Set<string>();
  private readonly past: { readonly until: number; readonly state: State }[] = [];
  private rotates = false;

  /** @param lag milliseconds by which reads are behind */
  constructor(private readonly lag: number) {}

  /** Whether the service may take it; if so it has happened. So with every change below. */
  put(token: string, value: string, labels: readonly string[]): boolean {
    if (this.deleted !== undefined) return false;
    this.clean();
    const known = this.values.get(token);
    if (known !== undefined) return known === value;
    this.remember();
    const all = this.values.size === 0 ? [...labels, 'AWSCURRENT'] : labels;
    if (!this.values.has(token)) this.created.set(token, this.now);
    this.values.set(token, value);
    for (const label of all) this.give(label, token);
    if (all.includes('AWSCURRENT') && this.holders.get('AWSPENDING') !== token) this.holders.delete('AWSPENDING');
    return true;
  }

  move(label: string, to: string | undefined, from: string | undefined): boolean {
    if (this.deleted !== undefined) return false;
    this.clean();
    const holder = this.holders.get(label);
    if (to === undefined && from === undefined) return false;
    if (to !== undefined && !this.values.has(to)) return false;
    if (from !== undefined && (!this.values.has(from) || holder !== from)) return false;
    if (to === undefined && label === 'AWSCURRENT') return false;
    if (from === undefined && holder !== undefined && holder !== to) return false;
    this.remember();
    if (to === undefined) this.holders.delete(label);
    else this.give(label, to);
    return true;
  }

  rotate(token: string, behaviour: Behaviour): boolean {
    if (this.deleted !== undefined) return false;
    this.clean();
    this.rotates = true;
    const pending = this.holders.get('AWSPENDING');
    if (pending !== undefined && pending !== this.holders.get('AWSCURRENT')) {
      this.run(pending, behaviour);
      return false;
    }
    if (this.values.has(token)) return false;
    this.remember();
    this.created.set(token, this.now);
    this.values.set(token, undefined);
    this.registered.add(token);
    this.holders.set('AWSPENDING', token);
    this.run(token, behaviour);
    return true;
  }

  cancel(): boolean {
    return this.deleted === undefined && this.rotates;
  }

  delete(): boolean {
    if (this.deleted !== undefined) return false;
    this.deleted = this.now;
    return true;
  }

  restore(): boolean {
    this.deleted = undefined;
    return true;
  }

  /** The value of a label or of a version, if there is one. */
  get(by: { readonly label?: string | undefined; readonly token?: string | undefined }): string | undefined {
    const { values, holders } = this.seen();
    if (this.deleted !== undefined) return undefined;
    if (by.token === undefined) return values.get(holders.get(by.label ?? 'AWSCURRENT') ?? '');
    if (by.label !== undefined && holders.get(by.label) !== by.token) return undefined;
    return values.get(by.token);
  }

  /** What readers see. */
  seen(): State {
    return this.past.find(({ until }) => until > this.now - this.lag)?.state ?? this;
  }

  /** Whether it is gone for good. */
  get gone(): boolean {
    return this.deleted !== undefined && this.now >= this.deleted + RECOVERY;
  }

  /** Takes the oldest versions away that have no label, are a day old, and are too many; done before every call. */
  clean(): void {
    const held = new Set(this.holders.values());
    for (const [token] of this.values) {
      if (this.values.size <= MOST_VERSIONS) return;
      if (!held.has(token) && (this.created.get(token) ?? 0) <= this.now - DAY) this.values.delete(token);
    }
  }

  private run(token: string, behaviour: Behaviour): void {
    const current = this.holders.get('AWSCURRENT');
    if (behaviour === 'stuck' || !this.put(token, `value of ${token}`, ['AWSPENDING'])) return;
    if (behaviour === 'well') this.move('AWSCURRENT', token, current);
  }

  private give(label: string, to: string): void {
    const before = this.holders.get(label);
    if (before === to) return;
    this.holders.set(label, to);
    if (label !== 'AWSCURRENT') return;
    if (this.registered.has(to) && this.holders.get('AWSPENDING') === to) this.holders.delete('AWSPENDING');
    if (before !== undefined) this.holders.set('AWSPREVIOUS', before);
    else if (this.holders.get('AWSPREVIOUS') === to) this.holders.delete('AWSPREVIOUS');
  }

  private remember(): void {
    if (this.lag === 0) return;
    this.past.push({ until: this.now, state: { values: new Map(this.values), holders: new Map(this.holders) } });
  }
}
