import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type SecretsManagerServer, startSecretsManager } from '../emulator/server';
import { handlerIn } from '../rotation/handler';
import { connect as connectToMysql } from '../rotation/mysql/connection';
import { connect } from '../rotation/postgres/connection';
import { secretsManager } from '../rotation/secrets-manager';
import type { ClientWorld } from './clients';
import { CrashPlan } from './crash-plan';
import { type Credentials, DATABASE, type DrillDatabase, ENGINES } from './databases';
import type { Planned } from './fault-plan';
import { type Network, startNetwork } from './network';
import type { DrillOptions } from './options';
import { type Extent, lay, type Scene, THROTTLED_CALLS } from './strike';

const USER = 'drill_app';
const FUNCTION = 'arn:aws:lambda:eu-central-1:111122223333:function:drill-rotation';

/** A rotation is tried so often before it counts as failed. */
const ATTEMPTS = 5;

/** One line of the function's log. */
export interface StepLine {
  readonly step: string;
  readonly outcome: 'done' | 'failed';
  readonly logins: { readonly tried: number; readonly failed: number };
  readonly milliseconds: number;
  readonly error?: string;
}

export interface RotationOutcome {
  /** How the service's driver ended it. */
  readonly end: string;
  readonly milliseconds: number;
  /** Whether the planned fault came to pass. */
  readonly struck: boolean;
  /** Requests of the function to Secrets Manager. */
  readonly calls: number;
}

/** A real database, the emulator and the real rotation function between them. */
export interface DrillWorld {
  readonly version: string;
  readonly forClients: ClientWorld;
  /** Requests to Secrets Manager in an undisturbed rotation. */
  readonly calls: number;
  readonly lines: readonly StepLine[];
  rotate(planned: Planned): Promise<RotationOutcome>;
  /** Whether the current value logs in. */
  currentLogsIn(): Promise<boolean>;
  stop(): Promise<void>;
}

export async function startDrillWorld(options: DrillOptions): Promise<DrillWorld> {
  const engine = ENGINES[options.engine];
  if (!engine) throw new Error(`there is no engine ${options.engine}`);
  const database = await engine.start();
  try {
    const network = await startNetwork(database);
    const manager = await startSecretsManager({ rotationAttempts: ATTEMPTS });
    return await furnish({ database, network, manager }, options);
  } catch (error) {
    await database.stop();
    throw error;
  }
}

interface Parts {
  readonly database: DrillDatabase;
  readonly network: Network;
  readonly manager: SecretsManagerServer;
}

async function furnish({ database, network, manager }: Parts, options: DrillOptions): Promise<DrillWorld> {
  const { service } = manager;
  const lines: StepLine[] = [];
  const plan = new CrashPlan();
  const { client, requests } = functionsClient(manager);
  const { arn, masterArn } = await makeSecrets(manager, database, options.engine);
  const handle = handlerIn({
    variables: variablesOf(options, database, { arn, masterArn, network }),
    store: plan.store(secretsManager(client)),
    reach: { connect: plan.connect(connect), connectToMysql: plan.connect(connectToMysql) },
    write: (line) => lines.push(JSON.parse(line) as StepLine),
  });
  service.registerFunction(FUNCTION, (event) => {
    plan.revive();
    return handle(event);
  });
  const scene: Scene = { service, plan, network, arn, restartDatabase: database.restart, beforeStep: undefined };
  service.driver.beforeStep = async (step) => {
    if (options.betweenSteps > 0) await wait(options.betweenSteps);
    await scene.beforeStep?.(step);
  };
  let extent = NOTHING;
  let seen = NOTHING;
  const rotate = async (planned: Planned): Promise<RotationOutcome> => {
    const strike = lay(scene, planned, extent);
    const before = { at: performance.now(), requests: requests(), calls: service.calls.length };
    let struck = false;
    try {
      await service.call('RotateSecret', { SecretId: arn, RotationLambdaARN: FUNCTION });
      await service.driver.settled(arn);
    } finally {
      struck = strike.struck();
      seen = {
        points: plan.passed.length,
        sent: network.sent,
        operations: countOperations(service.calls.slice(before.calls)),
      };
      strike.lift();
    }
    const end = service.driver.records.filter(({ secretArn }) => secretArn === arn).at(-1)?.name ?? 'none';
    return { end, milliseconds: performance.now() - before.at, struck, calls: requests() - before.requests };
  };
  // Users are made, and first passwords set, before any client comes; the second tells how much there is to strike.
  let calls = 0;
  for (const round of ['first', 'second']) {
    const { end, calls: sent } = await rotate({ fault: 'none' });
    calls = sent;
    if (end !== 'RotationSucceeded')
      throw new Error(`the ${round} rotation ended as ${end}: ${JSON.stringify(lines.at(-1))}`);
  }
  extent = seen;
  lines.length = 0;
  service.faults.latencyMs = options.latency;
  const read = async () => {
    const { SecretString } = await service.call('GetSecretValue', { SecretId: arn });
    return JSON.parse(String(SecretString)) as Credentials;
  };
  return {
    version: database.version,
    calls,
    forClients: { connect: database.connect, refused: database.refused, readSecret: read },
    lines,
    rotate,
    currentLogsIn: async () =>
      database.connect(await read()).then(
        (connection) => connection.end().then(() => true),
        () => false,
      ),
    stop: async () => {
      client.destroy();
      await manager.close();
      await network.close();
      await database.stop();
    },
  };
}

const NOTHING: Extent = {
  points: 0,
  operations: { DescribeSecret: 0, PutSecretValue: 0, UpdateSecretVersionStage: 0 },
  sent: 0,
};

function countOperations(calls: readonly string[]): Extent['operations'] {
  const count = (operation: string) => calls.filter((call) => call === operation).length;
  return {
    DescribeSecret: count('DescribeSecret'),
    PutSecretValue: count('PutSecretValue'),
    UpdateSecretVersionStage: count('UpdateSecretVersionStage'),
  };
}

async function makeSecrets(
  { service }: SecretsManagerServer,
  { host, port, master, makeUser }: DrillDatabase,
  engine: string,
) {
  const user = { username: USER, password: randomBytes(18).toString('hex') };
  await makeUser(user);
  const superuser = await service.call('CreateSecret', { Name: 'drill/master', SecretString: JSON.stringify(master) });
  const seed = { engine, host, port, dbname: DATABASE, ...user };
  const secret = await service.call('CreateSecret', { Name: 'drill/app', SecretString: JSON.stringify(seed) });
  return { arn: String(secret.ARN), masterArn: String(superuser.ARN) };
}

function variablesOf(
  { engine, strategy, faults, fastCutover, ledger }: DrillOptions,
  { host, port }: DrillDatabase,
  { arn, masterArn, network }: { readonly arn: string; readonly masterArn: string; readonly network: Network },
): Readonly<Record<string, string>> {
  return {
    STRONGROOM_ROTATOR: `${engine}-${strategy}`,
    STRONGROOM_SECRETS: JSON.stringify([arn]),
    STRONGROOM_HOST: host,
    // Only where something is to happen on the way: it takes its time, too.
    STRONGROOM_PORT: String(faults.includes('network') ? network.port : port),
    STRONGROOM_DATABASE: DATABASE,
    STRONGROOM_TLS: 'disabled',
    STRONGROOM_SUPERUSER_SECRET: masterArn,
    STRONGROOM_USERNAME: USER,
    STRONGROOM_FAST_CUTOVER: fastCutover ? 'on' : 'off',
    STRONGROOM_LEDGER: ledger,
  };
}

/** A client like the function's own, and how many requests it has sent. */
function functionsClient({ endpoint }: SecretsManagerServer) {
  const credentials = { accessKeyId: 'drill', secretAccessKey: 'drill' };
  const client = new SecretsManagerClient({
    endpoint,
    region: 'eu-central-1',
    credentials,
    maxAttempts: THROTTLED_CALLS,
  });
  let sent = 0;
  client.middlewareStack.add(
    (next) => (request) => {
      sent++;
      return next(request);
    },
    { step: 'deserialize', name: 'countRequests' },
  );
  return { client, requests: () => sent };
}
