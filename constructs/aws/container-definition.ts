import type { Problem } from '../core/errors';

/** A name that shells and programs accept for an environment variable. @see https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Variables called so hold a value, not the place where one is found: `DB_PASSWORD` is one, `DB_SECRET_ARN` none. */
const HOLDS_A_SECRET =
  /(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|PWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIALS?)$/i;

/** What one container is started with. */
export interface ContainerSettings {
  readonly name: string;
  readonly image: string;
  /** Plain variables: everybody who may read the task definition sees them. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables that ECS fills when a task starts, by the place of their value. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly user?: string;
  readonly port?: number;
  readonly scratch: readonly string[];
  readonly log: { readonly group: string; readonly region: string };
}

/** The JSON of `container_definitions`: one container, with a root file system that cannot be written to. */
export function containerDefinitions(settings: ContainerSettings): string {
  const { name, image, environment, secrets, command, user, port, scratch, log } = settings;
  return JSON.stringify([
    {
      name,
      image,
      essential: true,
      ...(command === undefined ? {} : { command }),
      ...(user === undefined ? {} : { user }),
      ...(port === undefined ? {} : { portMappings: [{ containerPort: port, hostPort: port, protocol: 'tcp' }] }),
      environment: sorted(environment).map(([name, value]) => ({ name, value })),
      secrets: sorted(secrets).map(([name, valueFrom]) => ({ name, valueFrom })),
      readonlyRootFilesystem: true,
      mountPoints: scratch.map((containerPath, n) => ({
        containerPath,
        sourceVolume: scratchVolume(n),
        readOnly: false,
      })),
      logConfiguration: {
        logDriver: 'awslogs',
        options: { 'awslogs-group': log.group, 'awslogs-region': log.region, 'awslogs-stream-prefix': name },
      },
    },
  ]);
}

/** The name of the volume behind the nth scratch folder. */
export function scratchVolume(n: number): string {
  return `scratch-${n}`;
}

/** Everything that is wrong with a container's variables. */
export function variableProblems(
  environment: Readonly<Record<string, unknown>>,
  secrets: Readonly<Record<string, unknown>>,
): readonly Problem[] {
  const names = [
    ...Object.keys(environment).map((name) => ['environment', name] as const),
    ...Object.keys(secrets).map((name) => ['secrets', name] as const),
  ];
  return [
    ...names.filter(([, name]) => !VARIABLE.test(name)).map(([where, name]) => notAVariable(where, name)),
    ...Object.keys(environment)
      .filter((name) => HOLDS_A_SECRET.test(name))
      .map(plainSecret),
    ...Object.keys(secrets)
      .filter((name) => name in environment)
      .map(namedTwice),
  ];
}

function notAVariable(where: string, name: string): Problem {
  return {
    code: 'SR-ECS-VARIABLE',
    property: where,
    message: `has the name ${JSON.stringify(name)}, allowed are letters, digits and underscores, no digit first`,
    fix: 'rename the variable',
  };
}

function plainSecret(name: string): Problem {
  return {
    code: 'SR-ECS-PLAIN-SECRET',
    property: `environment.${name}`,
    message: 'is called like a secret, and everybody who may read the task definition reads its value',
    fix: 'name a secret of this stack in secrets instead, or rename it when it holds no secret',
  };
}

function namedTwice(name: string): Problem {
  return {
    code: 'SR-ECS-VARIABLE',
    property: `secrets.${name}`,
    message: 'is in environment too, and which of the two wins is not defined',
    fix: 'keep one of them',
  };
}

function sorted<T>(record: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
