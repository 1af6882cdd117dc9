/** The emulator's own time: it runs with the system's, and can be put forward. */
export class Clock {
  private ahead = 0;

  /** @param base milliseconds since 1970 */
  constructor(private readonly base: () => number = Date.now) {}

  /** Milliseconds since 1970. */
  readonly now = (): number => this.base() + this.ahead;

  /** Puts the clock forward; it never goes back. */
  forward(milliseconds: number): void {
    this.ahead += Math.max(0, milliseconds);
  }
}
