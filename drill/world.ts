import { randomBytes } from 'node:crypto';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { throttled } from '../emulator/errors';
import { ReplyLost, type SecretsManagerServer, startSecretsManager } from '../emulator/server';
import { handlerIn } from '../rotation/handler';
import { connect } from '../rotation/postgres/connection';
import { secretsManager } from '../rotation/secrets-manager';
import { CrashPlan } from '../test/rotation/crash';
import { type Postgres, startPostgres } from '../test/support/postgres';
import type { ClientWorld } from './clients';
import type { Planned } from './fault-plan';

const ROLE = 'drill_app';
const DATABASE = 'drill';
const FUNCTION = 'arn:aws:lambda:eu-central-1:111122223333:function:drill-rotation';

/** One more than the SDK's own tries, so that a step fails and the service has to begin again. */
const THROTTLED_CALLS = 3;

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
}

/** A real database, the emulator and the real rotation function between them. */
export interface DrillWorld {
  readonly forClients: ClientWorld;
  readonly lines: readonly StepLine[];
  rotate(planned: Planned): Promise<RotationOutcome>;
  /** Whether the current value logs in. */
  currentLogsIn(): Promise<boolean>;
  stop(): Promise<void>;
}

export async function startDrillWorld(rotator: string, latency: number): Promise<DrillWorld> {
  const postgres = await startPostgres({ settings: { max_connections: '100' } });
  try {
    return await furnish(postgres, rotator, latency);
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

async function furnish(postgres: Postgres, rotator: string, latency: number): Promise<DrillWorld> {
  const master = { username: 'drill_master', password: randomBytes(18).toString('hex') };
  await postgres.query(`CREATE ROLE ${master.username} LOGIN CREATEROLE CREATEDB PASSWORD '${master.password}'`);
  await postgres.query(`CREATE DATABASE ${DATABASE} OWNER ${master.username}`);
  const manager = await startSecretsManager({ rotationAttempts: 5 });
  const { service } = manager;
  const superuser = await service.call('CreateSecret', { Name: 'drill/master', SecretString: JSON.stringify(master) });
  const { host, port } = postgres;
  const seed = {
    engine: 'postgres',
    host,
    port,
    dbname: DATABASE,
    username: ROLE,
    password: randomBytes(18).toString('hex'),
  };
  const secret = await service.call('CreateSecret', { Name: 'drill/app', SecretString: JSON.stringify(seed) });
  const arn = String(secret.ARN);
  const lines: StepLine[] = [];
  const plan = new CrashPlan();
  const client = functionsClient(manager);
  const handle = handlerIn({
    variables: {
      STRONGROOM_ROTATOR: rotator,
      STRONGROOM_SECRETS: JSON.stringify([arn]),
      STRONGROOM_HOST: host,
      STRONGROOM_PORT: String(port),
      STRONGROOM_DATABASE: DATABASE,
      STRONGROOM_TLS: 'disabled',
      STRONGROOM_SUPERUSER_SECRET: String(superuser.ARN),
    },
    store: plan.store(secretsManager(client)),
    reach: { connect: plan.connect(connect) },
    write: (line) => lines.push(JSON.parse(line) as StepLine),
  });
  service.registerFunction(FUNCTION, (event) => {
    plan.revive();
    return handle(event);
  });
  const read = async () => {
    const { SecretString } = await service.call('GetSecretValue', { SecretId: arn });
    return JSON.parse(String(SecretString)) as { readonly username: string; readonly password: string };
  };
  const rotate = async (planned: Planned): Promise<RotationOutcome> => {
    const strike = inject(manager, plan, arn, planned);
    const begun = performance.now();
    let struck = false;
    try {
      await service.call('RotateSecret', { SecretId: arn, RotationLambdaARN: FUNCTION });
      await service.driver.settled(arn);
    } finally {
      struck = strike.struck();
      strike.lift();
    }
    const end = service.driver.records.filter(({ secretArn }) => secretArn === arn).at(-1)?.name ?? 'none';
    return { end, milliseconds: performance.now() - begun, struck };
  };
  // The role is made, and its first password set, before any client comes.
  const first = await rotate({ fault: 'none' });
  if (first.end !== 'RotationSucceeded')
    throw new Error(`the first rotation ended as ${first.end}: ${lines.at(-1)?.error}`);
  lines.length = 0;
  service.faults.latencyMs = latency;
  return {
    forClients: { host, port, database: DATABASE, readSecret: read },
    lines,
    rotate,
    currentLogsIn: async () => {
      const { username, password } = await read();
      return postgres.connect(username, password, DATABASE).then(
        (connection) => connection.end().then(() => true),
        () => false,
      );
    },
    stop: async () => {
      client.destroy();
      await manager.close();
      await postgres.stop();
    },
  };
}

function functionsClient({ endpoint }: SecretsManagerServer): SecretsManagerClient {
  const credentials = { accessKeyId: 'drill', secretAccessKey: 'drill' };
  return new SecretsManagerClient({ endpoint, region: 'eu-central-1', credentials, maxAttempts: THROTTLED_CALLS });
}

/** Lays the fault out for the rotation that comes. */
function inject({ service }: SecretsManagerServer, plan: CrashPlan, arn: string, planned: Planned) {
  let hits = 0;
  let calls = 0;
  plan.arm(planned.fault === 'crash' ? planned.point : 0);
  switch (planned.fault) {
    case 'throttle':
      service.before = (operation) => {
        if (operation !== planned.operation || ++calls < planned.call || hits >= THROTTLED_CALLS) return;
        hits++;
        throw throttled();
      };
      break;
    case 'lost-reply':
      service.after = (operation) => {
        if (operation !== planned.operation || ++calls !== planned.call) return;
        hits++;
        throw new ReplyLost();
      };
      break;
    case 'duplicate':
      service.driver.deliveries = 2;
      hits++;
      break;
    case 'by-hand':
      service.driver.beforeStep = async (step) => {
        if (step !== planned.beforeStep || hits > 0) return;
        hits++;
        const { SecretString } = await service.call('GetSecretValue', { SecretId: arn });
        await service.call('PutSecretValue', { SecretId: arn, SecretString });
      };
  }
  return {
    struck: () => hits > 0 || plan.crashed,
    lift: () => {
      plan.arm(0);
      service.before = undefined;
      service.after = undefined;
      service.driver.beforeStep = undefined;
      service.driver.deliveries = 1;
    },
  };
}
