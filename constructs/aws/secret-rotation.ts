import { SecretsmanagerSecretRotation } from '@cdktf/provider-aws/lib/secretsmanager-secret-rotation';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import type { Grant } from '../core/grant';
import type { RotationSchedule } from '../core/rotation-schedule';
import { AwsStack } from './aws-stack';
import type { DatabaseSecret } from './database-secret';
import { RotationAlarms } from './rotation-alarms';
import { RotationFunction } from './rotation-function';
import { awsScheduleProblems, rotationRules } from './schedule-expression';

/** How a rotation gets from one password to the next. */
export type RotationStrategy =
  /** The user's own password is replaced: logins with the old one fail from that moment on. */
  'single-user';

/** Properties of a secret's rotation. */
export interface RotationProps {
  /** When the secret rotates; the type of the secret says how seldom is still allowed. */
  readonly schedule: RotationSchedule;
  /**
   * Whether a rotation runs at once, now and after each change of the schedule.
   *
   * `true` for a database made in this stack: the first rotation makes the role. `false` where readers are not ready
   * yet: then only the present value is tested.
   */
  readonly rotateImmediately: boolean;
  /** @default 'single-user' */
  readonly strategy?: RotationStrategy;
  /**
   * The schema that a role made by the first rotation owns.
   *
   * @default - the role's own name
   */
  readonly schema?: string;
  /**
   * The name of the Lambda, its role and its log group, whole.
   *
   * @default - the secret's, with `-rotation` at its end
   */
  readonly functionName?: string;
}

/** Properties of {@link SecretRotation}. */
export interface SecretRotationProps extends RotationProps {
  /** The secret that rotates. */
  readonly secret: DatabaseSecret;
}

/**
 * A rotation of one secret on a schedule, with a Lambda of its own and alarms.
 *
 * It is ordered after everything that the first run needs: the first value, the permission to call the function, its
 * rights, the network, the database, and the alarms that would tell of its failure.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html
 */
export class SecretRotation extends Construct {
  /** What the rotation function may do, and why. */
  readonly grant: Grant;

  /**
   * @throws {InvalidProps} what a schedule can be refused for, such as `SR-SCHEDULE-TOO-RARE`; `SR-ROTATION-STRATEGY`,
   * `SR-ROTATION-IMMEDIATELY`, `SR-ROTATION-FIRST`, `SR-AWS-NO-TRAIL`, `SR-ROTATION-TWICE`, `SR-ROTATION-LATE`,
   * `SR-ROTATION-RESEED`, `SR-ROTATION-BUNDLE`.
   */
  constructor(scope: Construct, id: string, props: SecretRotationProps) {
    super(scope, id);
    const { secret, schedule } = props;
    refuse(this, [
      ...awsScheduleProblems('schedule', schedule, secret.type),
      strategyKnown(props.strategy),
      decided(props.rotateImmediately),
      firstRotationMakesRole(props),
      AwsStack.of(this).trailProblem('rotation'),
      ...secret.rotationProblems,
    ]);
    const rotator = new RotationFunction(this, 'function', { ...props, database: secret.database });
    this.grant = rotator.grant;
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

// From JavaScript, or through a cast, anything may come.
function strategyKnown(strategy: string = 'single-user'): Problem | undefined {
  if (strategy === 'single-user') return undefined;
  return {
    code: 'SR-ROTATION-STRATEGY',
    property: 'strategy',
    message: `is ${JSON.stringify(strategy)}, allowed is "single-user"`,
    fix: 'leave it out; no other strategy is there yet',
  };
}

/** Terraform's own default rotates at once, which breaks readers that are not ready: so somebody decides. */
function decided(rotateImmediately: unknown): Problem | undefined {
  if (typeof rotateImmediately === 'boolean') return undefined;
  return {
    code: 'SR-ROTATION-IMMEDIATELY',
    property: 'rotateImmediately',
    message: `is ${JSON.stringify(rotateImmediately)}, allowed are true and false`,
    fix: 'decide it: true when the first rotation makes the user, false when readers are not ready for a new value',
  };
}

/** In a database of this stack no role exists yet, and only a rotation makes it: a mere test of the seed would fail. */
function firstRotationMakesRole({ secret, rotateImmediately }: SecretRotationProps): Problem | undefined {
  if (rotateImmediately !== false || !secret.database.made) return undefined;
  return {
    code: 'SR-ROTATION-FIRST',
    property: 'rotateImmediately',
    message: `is false, but the database is made in this stack and the role ${secret.username} does not exist in it yet`,
    fix: 'write true: the first rotation makes the role',
  };
}
