import type { Problem } from '../core/errors';

const SECONDS = { minute: 60, hour: 3600, day: 86_400 } as const;

/** A length of time, such as a lease's. */
export class Duration {
  static seconds(amount: number): Duration {
    return new Duration(amount);
  }

  static minutes(amount: number): Duration {
    return new Duration(amount * SECONDS.minute);
  }

  static hours(amount: number): Duration {
    return new Duration(amount * SECONDS.hour);
  }

  static days(amount: number): Duration {
    return new Duration(amount * SECONDS.day);
  }

  private constructor(readonly inSeconds: number) {}

  toString(): string {
    return inWords(this.inSeconds);
  }
}

/** How long a lease or token lives: a duration, or whole seconds as Vault counts them. */
export type Ttl = Duration | number;

/** Two TTLs that belong together, in seconds. */
export interface TtlPair {
  readonly initial: number;
  readonly longest: number;
}

/** A TTL in seconds, as the provider takes it. */
export function ttlSeconds(ttl: Ttl): number {
  return typeof ttl === 'number' ? ttl : ttl.inSeconds;
}

/** What is wrong with a pair of TTLs: each alone, their order, and what the mount allows. */
export function ttlProblems(
  properties: { readonly initial: string; readonly longest: string },
  ttls: TtlPair,
  mount?: { readonly path: string; readonly longest: number },
): readonly (Problem | undefined)[] {
  const alone = [wholeSeconds(properties.initial, ttls.initial), wholeSeconds(properties.longest, ttls.longest)];
  if (alone.some((problem) => problem !== undefined)) return alone;
  return [
    ttls.initial <= ttls.longest
      ? undefined
      : {
          code: 'SR-VAULT-TTL-INVERTED',
          property: properties.initial,
          message: `is ${inWords(ttls.initial)}, longer than ${properties.longest} with ${inWords(ttls.longest)}; Vault would cut it with a warning that nobody reads`,
          fix: `write at most ${properties.longest}`,
        },
    mount === undefined || ttls.longest <= mount.longest
      ? undefined
      : {
          code: 'SR-VAULT-TTL-MOUNT',
          property: properties.longest,
          message: `is ${inWords(ttls.longest)}, but mount ${mount.path} allows at most ${inWords(mount.longest)} and would cut it`,
          fix: 'shorten it, or lengthen the maximum of the mount',
        },
  ];
}

function wholeSeconds(property: string, seconds: number): Problem | undefined {
  if (Number.isSafeInteger(seconds) && seconds >= 1) return undefined;
  return {
    code: 'SR-VAULT-TTL',
    property,
    message: `is ${seconds} seconds, allowed are whole seconds from 1 up; 0 would mean the mount's own time`,
    fix: 'write Duration.hours(1), or whole seconds',
  };
}

function inWords(seconds: number): string {
  const units = [
    ['day', SECONDS.day],
    ['hour', SECONDS.hour],
    ['minute', SECONDS.minute],
  ] as const;
  const [unit, length] = units.find(([, size]) => seconds > 0 && seconds % size === 0) ?? ['second', 1];
  const amount = seconds / length;
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}
