import { SecretsmanagerSecretRotation } from '@cdktf/provider-aws/lib/secretsmanager-secret-rotation';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { refuse } from '../core/errors';
import type { RotationSchedule } from '../core/rotation-schedule';
import { SecretType } from '../core/secret-type';
import { AwsStack } from './aws-stack';
import { RotationAlarms } from './rotation-alarms';
import { awsScheduleProblems, rotationRules } from './schedule-expression';

/** Properties of {@link ManagedRotation}. */
export interface ManagedRotationProps {
  /** A secret that another service of AWS made and rotates, such as the master secret of an RDS instance. */
  readonly secret: { readonly arn: string; readonly name: string };
  /** When it rotates, instead of the service's own default (seven days for RDS). */
  readonly schedule: RotationSchedule;
  /** Whether a rotation runs at once, now and after each change of the schedule. */
  readonly rotateImmediately: boolean;
  /**
   * What must exist before the secret does.
   *
   * @default - what its ARN refers to
   */
  readonly after?: readonly ITerraformDependable[];
}

/**
 * The schedule of a secret that an AWS service rotates by itself: no Lambda, no permission, only when.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_managed.html
 */
export class ManagedRotation extends Construct {
  /** @throws {InvalidProps} what a schedule can be refused for, such as `SR-SCHEDULE-TOO-RARE`; `SR-AWS-NO-TRAIL`. */
  constructor(scope: Construct, id: string, props: ManagedRotationProps) {
    super(scope, id);
    const { secret, schedule } = props;
    refuse(this, [
      ...awsScheduleProblems('schedule', schedule, SecretType.DATABASE_CREDENTIAL),
      AwsStack.of(this).trailProblem('rotation'),
    ]);
    new SecretsmanagerSecretRotation(this, 'rotation', {
      secretId: secret.arn,
      rotateImmediately: props.rotateImmediately,
      rotationRules: rotationRules(schedule),
      dependsOn: [...(props.after ?? []), ...RotationAlarms.of(this).watch(secret)],
    });
  }
}
