import { SecretsmanagerSecretRotation } from '@cdktf/provider-aws/lib/secretsmanager-secret-rotation';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import type { Grant } from '../core/grant';
import type { RotationSchedule } from '../core/rotation-schedule';
import { AwsStack } from './aws-stack';
import { FAMILY_OF } from './database';
import type { DatabaseSecret } from './database-secret';
import { RotationAlarms } from './rotation-alarms';
import { functionProblems, RotationFunction } from './rotation-function';
import type { FunctionSize } from './rotation-function-size';
import type { RotationSettings } from './rotation-settings';
import { awsScheduleProblems, rotationRules } from './schedule-expression';

/** When a secret rotates. */
export interface RotationTimes {
  /** When the secret rotates; the type of the secret says how seldom is still allowed. */
  readonly schedule: RotationSchedule;
  /**
   * Whether a rotation runs at once, now and after each change of the schedule.
   *
   * `true` for a database that is made in this stack: the first rotation makes the user. `false` where readers are not ready
   * yet: then only the present value is tested.
   */
  readonly rotateImmediately: boolean;
}

/** A rotation by a function of the secret's own. */
export interface OwnFunctionRotation extends RotationTimes, RotationSettings, FunctionSize {
  /**
   * The name of the Lambda, its role and its log group, whole.
   *
   * @default - the secret's, with `-rotation` at its end
   */
  readonly functionName?: string;
}

/** A rotation by a function that several secrets share, which has the settings. */
export interface SharedFunctionRotation extends RotationTimes {
  readonly function: RotationFunction;
}

/** Properties of a secret's rotation. */
export type RotationProps = OwnFunctionRotation | SharedFunctionRotation;

/** Properties of {@link SecretRotation}. */
export type SecretRotationProps = RotationProps & {
  /** The secret that rotates. */
  readonly secret: DatabaseSecret;
};

/**
 * A rotation of one secret on a schedule, with a Lambda and alarms.
 *
 * It is ordered after everything that the first run needs: the first value, the permission to call the function, its
 * rights, the network, the database, and the alarms that would tell of its failure.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html
 */
export class SecretRotation extends Construct {
  /** What the rotation function may do, and why. */
  readonly grant: Grant;
  /** Whether the password before the last rotation still works. */
  readonly oldWorks: boolean;
  /** Whether the user's name changes with each rotation, so that readers must take it from the secret too. */
  readonly alternates: boolean;

  /**
   * @throws {InvalidProps} what a schedule can be refused for, such as `SR-SCHEDULE-TOO-RARE`; what a
   * {@link RotationFunction} is refused for, such as `SR-ROTATION-STRATEGY`; `SR-ROTATION-IMMEDIATELY`,
   * `SR-ROTATION-FIRST`, `SR-AWS-NO-TRAIL`, `SR-ROTATION-TWICE`, `SR-ROTATION-LATE`, `SR-ROTATION-RESEED`,
   * `SR-ROTATION-BUNDLE`.
   */
  constructor(scope: Construct, id: string, props: SecretRotationProps) {
    super(scope, id);
    const { secret, schedule } = props;
    const stack = AwsStack.of(this);
    const shared = 'function' in props ? props.function : undefined;
    refuse(this, [
      ...awsScheduleProblems('schedule', schedule, secret.type),
      ...('function' in props ? [listed(props)] : functionProblems(props, [secret])),
      decided(props.rotateImmediately),
      firstRotation(props),
      stack.trailProblem('rotation'),
      ...secret.rotationProblems,
    ]);
    const rotator = shared ?? new RotationFunction(this, 'function', { ...props, secrets: [secret] });
    this.grant = rotator.grant;
    this.oldWorks = rotator.facts.oldWorks;
    this.alternates = rotator.facts.alternates;
    const rotation = new SecretsmanagerSecretRotation(this, 'rotation', {
      secretId: secret.arn,
      rotationLambdaArn: rotator.arn,
      rotateImmediately: props.rotateImmediately,
      rotationRules: rotationRules(schedule),
      dependsOn: [...secret.seeded, ...rotator.dependables, ...RotationAlarms.of(this).watch(secret)],
    });
    secret.rotatedBy(rotation);
  }
}

/** The code of a shared function refuses a secret that is not on its list. */
function listed({ secret, function: shared }: SharedFunctionRotation & { readonly secret: DatabaseSecret }) {
  if (shared.secrets.includes(secret)) return undefined;
  return {
    code: 'SR-ROTATION-SHARED',
    property: 'function',
    message: `may rotate ${shared.secrets.map(({ name }) => name).join(', ')}, and ${secret.name} is not among them`,
    fix: 'add the secret to the secrets of the function',
  };
}

/** Terraform's own default rotates at once, which breaks readers that are not ready: so somebody decides. */
export function decided(rotateImmediately: unknown): Problem | undefined {
  if (typeof rotateImmediately === 'boolean') return undefined;
  return {
    code: 'SR-ROTATION-IMMEDIATELY',
    property: 'rotateImmediately',
    message: `is ${JSON.stringify(rotateImmediately)}, allowed are true and false`,
    fix: 'decide it: true when the first rotation makes the user, false when readers are not ready for a new value',
  };
}

/** In a database of this stack no user exists yet: a rotation makes it, and a mere test of the seed would fail. */
function firstRotation({ secret, rotateImmediately }: SecretRotationProps): Problem | undefined {
  const { database, username } = secret;
  if (!database.made || rotateImmediately !== false) return undefined;
  const user = FAMILY_OF[database.engine] === 'postgres' ? 'role' : 'user';
  return {
    code: 'SR-ROTATION-FIRST',
    property: 'rotateImmediately',
    message: `is false, but the database is made in this stack and the ${user} ${username} does not exist in it yet`,
    fix: `write true: the first rotation makes the ${user}`,
  };
}
