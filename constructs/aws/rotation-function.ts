import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import type { Grant } from '../core/grant';
import type { IDatabase } from './database';
import { openDatabasePath } from './database-path';
import type { DatabaseSecret } from './database-secret';
import { type FunctionSize, sizeProblems } from './rotation-function-size';
import { rotationLambda } from './rotation-lambda';
import { type RotationSettings, settingsProblems, settingsVariables } from './rotation-settings';
import { type RotatorFacts, rotatorOf, strategyProblems } from './rotation-strategy';
import { variablesProblem } from './rotation-variables';
import { secondUser } from './second-user';
import { declaredUsers, shareable } from './shared-function';

/** Properties of {@link RotationFunction}. */
export interface RotationFunctionProps extends RotationSettings, FunctionSize {
  /**
   * The secrets that the function rotates, and no other: the list that its code checks. All are of one database. Two
   * limits of AWS end the list, and are checked: the length of the role's policy, reached with nine secrets or so, and the 4 KB
   * of all variables, which long probes fill up sooner.
   */
  readonly secrets: readonly [DatabaseSecret, ...DatabaseSecret[]];
  /**
   * The function's name, whole.
   *
   * @default - the first secret's, with `-rotation` at its end
   */
  readonly functionName?: string;
}

/**
 * The Lambda that rotates the passwords of one database's users, with a role, a security group and a log group of its own.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
 */
export class RotationFunction extends Construct {
  readonly arn: string;
  /** The secrets that it may rotate. */
  readonly secrets: readonly DatabaseSecret[];
  /** How it rotates them. */
  readonly facts: RotatorFacts;
  /** What the function may do, and why. */
  readonly grant: Grant;
  /** What a rotation is ordered after: who may call the function, what it may do, and its way to the database. */
  readonly dependables: readonly ITerraformDependable[];

  /**
   * @throws {InvalidProps} `SR-ROTATION-STRATEGY`, `SR-ROTATION-SUPERUSER`, `SR-ROTATION-SHARED`, `SR-ROTATION-SIZE`,
   * `SR-ROTATION-PROBES`, `SR-ROTATION-GRACE`, `SR-ROTATION-PASSWORD`, `SR-ROTATION-CUTOVER`, `SR-ROTATION-LEDGER`,
   * `SR-ROTATION-SEARCH`, `SR-ROTATION-CLONE`, `SR-ROTATION-ROLES`, `SR-ROTATION-HOST`, `SR-ROTATION-VARIABLES`; `SR-ROTATION-BUNDLE` when the code was not built;
   * `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`.
   */
  constructor(scope: Construct, id: string, props: RotationFunctionProps) {
    super(scope, id);
    const { secrets } = props;
    const [{ database }] = secrets;
    const facts = rotatorOf(database, props.strategy);
    refuse(this, [...functionProblems(props, secrets), shareable(secrets)]);
    // Refused above; the compiler does not know.
    if (facts === undefined) throw new Error('no rotator');
    this.secrets = secrets;
    this.facts = facts;
    const lambda = rotationLambda(this, {
      rotator: facts.rotator,
      secrets,
      functionName: props.functionName,
      description: `Rotates ${secrets.length === 1 ? secrets[0].name : `${secrets.length} secrets of ${database.name}`}`,
      superuser: database.superuser,
      searches: (props.searchVersions ?? 0) > 0,
      size: props,
      variables: variables(props, database, facts),
      inNetwork: true,
    });
    this.arn = lambda.arn;
    this.grant = lambda.grant;
    const { client } = lambda;
    this.dependables = [
      ...lambda.dependables,
      ...(client === undefined ? [] : openDatabasePath(client, 'database', database)),
      ...database.ready,
    ];
  }
}

/** Everything that is wrong with what a function is told, whoever asks first. */
export function functionProblems(
  props: RotationSettings & FunctionSize,
  secrets: readonly [DatabaseSecret, ...DatabaseSecret[]],
): readonly (Problem | undefined)[] {
  const [{ database }] = secrets;
  const facts = rotatorOf(database, props.strategy);
  return [
    ...strategyProblems(database, props.strategy),
    ...settingsProblems(props, database),
    ...(facts?.alternates === true ? secrets.map((one) => secondUser(one, props)) : []),
    ...sizeProblems(props),
    facts === undefined ? undefined : variablesProblem(variables({ ...props, secrets }, database, facts), secrets),
  ];
}

/** The settings that the function's code reads; none of them is a value. */
function variables(props: RotationFunctionProps, database: IDatabase, facts: RotatorFacts): Record<string, string> {
  const { secrets } = props;
  return {
    STRONGROOM_ROTATOR: facts.rotator,
    STRONGROOM_SECRETS: JSON.stringify(secrets.map((secret) => secret.arn)),
    STRONGROOM_HOST: database.host,
    STRONGROOM_PORT: String(database.port),
    STRONGROOM_DATABASE: database.name,
    STRONGROOM_USERNAME: declaredUsers(secrets),
    ...(database.superuser === undefined ? {} : { STRONGROOM_SUPERUSER_SECRET: database.superuser.arn }),
    ...settingsVariables(props),
  };
}
