import { SecretsmanagerSecretRotation } from '@cdktf/provider-aws/lib/secretsmanager-secret-rotation';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import type { Grant } from '../core/grant';
import { SecretType } from '../core/secret-type';
import type { ExternalValue } from '../core/value';
import { openWayOut, type WayOut, wayOutProblem } from './api-key-way-out';
import { type ApiProvider, type KeyMembers, providerDocument, providerProblems } from './api-provider';
import { AwsStack } from './aws-stack';
import { RotationAlarms } from './rotation-alarms';
import { type FunctionSize, sizeProblems } from './rotation-function-size';
import { rotationLambda } from './rotation-lambda';
import { graceProblem, type Span, secondsOf } from './rotation-settings';
import { variablesProblem } from './rotation-variables';
import { awsScheduleProblems, rotationRules } from './schedule-expression';
import { type ISecret, Secret } from './secret';
import { decided, type RotationTimes } from './secret-rotation';

/** Seconds that a previous key works at least, where nothing is said, as the function's code has it. */
const USUAL_GRACE_SECONDS = 3600;

/** Properties of {@link ApiKeySecret}. */
export interface ApiKeySecretProps {
  /** The name without the environment, such as `myapp/payment-provider`. */
  readonly name: string;
  /** The team that answers for the secret. */
  readonly owner: string;
  /** Since when the present key counts: the first one is made by hand, and put in with its id. */
  readonly value: ExternalValue;
  /**
   * The members of the secret's JSON that hold a key's id and the key.
   *
   * @default - `keyId` and `apiKey`
   */
  readonly members?: KeyMembers;
  /** @default - by tier */
  readonly recoveryDays?: number;
}

/** Properties of a rotation of API keys. */
export interface ApiKeyRotationProps extends RotationTimes, FunctionSize {
  /** Who hands the keys out. */
  readonly provider: ApiProvider;
  /** How the function gets to the provider's host. */
  readonly wayOut: WayOut;
  /**
   * The secret with the credential that manages keys, whose members `{admin:NAME}` means.
   *
   * @default - the present key manages keys itself
   */
  readonly admin?: ISecret;
  /**
   * How long a key that was replaced works at least: up to 720 hours, 0 in an emergency.
   *
   * @default - an hour
   */
  readonly grace?: Span;
  /**
   * The name of the Lambda, its role and its log group, whole.
   *
   * @default - the secret's, with `-rotation` at its end
   */
  readonly functionName?: string;
}

/** A key of somebody else's service, with its id: two of them work at once while they rotate. */
export class ApiKeySecret extends Secret {
  private readonly members: Required<KeyMembers>;

  /** @throws {InvalidProps} everything that {@link Secret} throws. */
  constructor(scope: Construct, id: string, props: ApiKeySecretProps) {
    const members = { id: 'keyId', key: 'apiKey', ...props.members };
    super(scope, id, {
      name: props.name,
      type: SecretType.API_KEY,
      owner: props.owner,
      value: props.value,
      fields: [members.id, members.key],
      ...(props.recoveryDays === undefined ? {} : { recoveryDays: props.recoveryDays }),
    });
    this.members = members;
  }

  /**
   * Rotates the key at its provider on a schedule, with a Lambda of its own and alarms. It starts from a key that was put
   * in, so it is declared in a deploy after that.
   *
   * @throws {InvalidProps} what {@link ApiKeyRotation} throws.
   */
  addRotation(props: ApiKeyRotationProps): ApiKeyRotation {
    const id = this.rotates ? 'second-rotation' : 'rotation';
    return new ApiKeyRotation(this, id, { ...props, secret: this, members: this.members });
  }
}

/** A rotation of API keys at a provider that is described by configuration. */
export class ApiKeyRotation extends Construct {
  /** What the rotation function may do, and why. */
  readonly grant: Grant;

  /**
   * @throws {InvalidProps} what a schedule can be refused for, such as `SR-SCHEDULE-TOO-RARE`; `SR-API-PROVIDER`,
   * `SR-API-WAY-OUT`, `SR-ROTATION-GRACE`, `SR-ROTATION-SIZE`, `SR-ROTATION-VARIABLES`, `SR-ROTATION-IMMEDIATELY`, `SR-AWS-NO-TRAIL`,
   * `SR-ROTATION-TWICE`, `SR-ROTATION-LATE`, `SR-ROTATION-BUNDLE`; `SR-SECRET-BY-NAME` for an `admin` that is known by
   * its name only.
   */
  constructor(
    scope: Construct,
    id: string,
    props: ApiKeyRotationProps & { readonly secret: Secret; readonly members: Required<KeyMembers> },
  ) {
    super(scope, id);
    const { secret, provider, wayOut, admin, members } = props;
    const stack = AwsStack.of(this);
    refuse(this, [
      ...awsScheduleProblems('schedule', props.schedule, secret.type),
      ...providerProblems(provider, members),
      wayOutProblem(wayOut, stack.aws.network.kind),
      notNothing(props.grace),
      ...sizeProblems(props),
      decided(props.rotateImmediately),
      stack.trailProblem('rotation'),
      ...secret.rotationProblems,
      variablesProblem(variables(props, secret), [secret]),
    ]);
    // The function looks the secret up by its whole ARN.
    admin?.whole();
    const lambda = rotationLambda(this, {
      rotator: 'http-api-key',
      secrets: [secret],
      functionName: props.functionName,
      description: `Rotates ${secret.name}`,
      superuser:
        admin === undefined
          ? undefined
          : { arn: admin.arn, ...(admin.keyArn === undefined ? {} : { keyArn: admin.keyArn }) },
      searches: false,
      size: props,
      variables: variables(props, secret),
      inNetwork: wayOut.kind === 'network',
    });
    this.grant = lambda.grant;
    const out = lambda.client === undefined ? [] : openWayOut(lambda.client, wayOut, `Provider of ${secret.name}`);
    const rotation = new SecretsmanagerSecretRotation(this, 'rotation', {
      secretId: secret.arn,
      rotationLambdaArn: lambda.arn,
      rotateImmediately: props.rotateImmediately,
      rotationRules: rotationRules(props.schedule),
      dependsOn: [...lambda.dependables, ...out, ...RotationAlarms.of(this).watch(secret)],
    });
    secret.rotatedBy(rotation);
  }
}

/** The settings that the function's code reads; none of them is a value. */
function variables(
  { provider, admin, grace, members }: ApiKeyRotationProps & { readonly members: Required<KeyMembers> },
  { arn }: Secret,
): Record<string, string> {
  const seconds = grace === undefined ? USUAL_GRACE_SECONDS : secondsOf(grace);
  return {
    STRONGROOM_ROTATOR: 'http-api-key',
    STRONGROOM_SECRETS: JSON.stringify([arn]),
    STRONGROOM_API: providerDocument(provider, members),
    ...(admin === undefined ? {} : { STRONGROOM_SUPERUSER_SECRET: admin.arn }),
    ...(seconds === USUAL_GRACE_SECONDS ? {} : { STRONGROOM_GRACE_SECONDS: String(seconds) }),
  };
}

/** Of API keys a grace may be none at all: a key that leaked must go. */
function notNothing(grace: Span | undefined): Problem | undefined {
  return grace !== undefined && secondsOf(grace) === 0 ? undefined : graceProblem(grace);
}
