import type { EnvironmentsReport } from './app';
import type { CoreEnvironment } from './environment';

/** What environments of one store can share: an account, a subscription. */
export interface SharedPlace<E extends CoreEnvironment> {
  /** The kind of place, such as `account`. */
  readonly kind: string;
  /** One that an environment has for itself, such as `an account of its own`. */
  readonly own: string;
  /** The vendor's name in front of it, such as `AWS`. */
  readonly vendor: string;
  /** Which place an environment is in. */
  readonly of: (environment: E) => string;
  /** Whether an environment says that it has its place for itself. */
  readonly alone: (environment: E) => boolean;
  /** The property that says so, below the environment's name, such as `aws.accountAlone`. */
  readonly property: string;
  /** The code of the refusal of an environment that says so and has company. */
  readonly code: string;
}

/** Refuses environments that say they are alone and are not, and warns where production has company. */
export function sharingReport<E extends CoreEnvironment>(
  environments: readonly E[],
  place: SharedPlace<E>,
): EnvironmentsReport {
  const meetings = environments.flatMap((one) =>
    environments.filter((other) => other !== one && place.of(other) === place.of(one)).map((other) => ({ one, other })),
  );
  return {
    problems: meetings
      .filter(({ one }) => place.alone(one))
      .map(({ one, other }) => ({
        code: place.code,
        property: `${one.name}.${place.property}`,
        message: `is true, but ${other.name} is in ${place.kind} ${place.of(one)} too`,
        fix: `leave it out, or give each environment ${place.own}`,
      })),
    warnings: meetings
      .filter(({ one }) => one.tier === 'production')
      .map(
        ({ one, other }) =>
          `${one.name} shares ${place.vendor} ${place.kind} ${place.of(one)} with ${other.name}: ${place.own} is the stronger wall`,
      ),
  };
}
