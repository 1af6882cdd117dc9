import { expect } from 'vitest';
import type { AwsStack } from '../../../constructs/aws/aws-stack';
import type { SecretsManagerServer } from '../../../emulator/server';
import { connect as connectToMysql } from '../../../rotation/mysql/connection';
import { connect } from '../../../rotation/postgres/connection';
import { secretsManager } from '../../../rotation/secrets-manager';
import { CrashPlan } from '../../rotation/crash';
import { makeSubject, type Subject } from '../../rotation/subject';
import { clientOf } from '../../rotation/world';
import { awsStackJson, resourcesOf, statementsIn } from '../../support/aws-stacks';

/** The superuser's secret, as the stack of a test imports it. */
export const SUPERUSER_ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:legacy/superuser-AbCdEf';

/** One operation on one of the two secrets, such as `own DescribeSecret`. */
export type Call = string;

/** What the policy of a rotation's function lets it ask, as the two secrets stand in it. */
export async function granted(rotated: (stack: AwsStack) => void): Promise<ReadonlySet<Call>> {
  const json = await awsStackJson(rotated);
  const calls = statementsIn(rotatorPolicy(json))
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource ?? ''].flat().map((on) => ({ action, on }))),
    )
    .filter(({ action }) => action.startsWith('secretsmanager:'));
  return new Set(calls.map(({ action, on }) => `${whose(on)} ${action.slice('secretsmanager:'.length)}`));
}

function rotatorPolicy(json: Awaited<ReturnType<typeof awsStackJson>>) {
  const [found] = Object.entries(resourcesOf(json, 'aws_iam_role_policy')).filter(([name]) =>
    name.includes('rotation_'),
  );
  if (found === undefined) throw new Error('nothing rotates');
  return found[1];
}

function whose(resource: string): string {
  if (resource === SUPERUSER_ARN) return 'superuser';
  return /^\$\{aws_secretsmanager_secret\.[^}]+\.arn\}$/.test(resource) ? 'own' : resource;
}

/** A secret whose function does only what is granted, and what it has asked. */
export interface Watched {
  readonly subject: Subject;
  readonly plan: CrashPlan;
  readonly asked: ReadonlySet<Call>;
}

/** Where a secret is rotated, and how. */
export interface Place {
  readonly manager: SecretsManagerServer;
  readonly superuserSecret?: string;
  readonly seed: Readonly<Record<string, unknown>>;
  readonly variables: Readonly<Record<string, string>>;
}

/** The client's own commands are refused like IAM does it: what the test itself asks goes another way. */
export async function watch(place: Place, allowed: ReadonlySet<Call>): Promise<Watched> {
  const plan = new CrashPlan();
  const asked = new Set<Call>();
  const client = clientOf(place.manager);
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const { SecretId } = args.input as { readonly SecretId?: string };
        const call = `${SecretId === place.superuserSecret ? 'superuser' : 'own'} ${commandName?.replace(/Command$/, '')}`;
        asked.add(call);
        if (!allowed.has(call)) throw new Error(`not granted: ${call}`);
        return next(args);
      },
    { step: 'initialize', name: 'granted' },
  );
  const subject = await makeSubject(place.manager, {
    seed: place.seed,
    variables: {
      ...(place.seed.host === undefined ? {} : placeOf(place.seed)),
      ...(place.superuserSecret === undefined ? {} : { STRONGROOM_SUPERUSER_SECRET: place.superuserSecret }),
      ...place.variables,
    },
    store: plan.store(secretsManager(client)),
    reach: { connect: plan.connect(connect), connectToMysql: plan.connect(connectToMysql) },
  });
  return { subject, plan, asked };
}

/** A first rotation, a later one, one that is crashed half-way, one that a person's write abandons, and the one after. */
async function everyRun({ subject, plan }: Watched): Promise<void> {
  const succeed = async () => expect(await subject.rotate()).toMatchObject({ name: 'RotationSucceeded' });
  await succeed();
  plan.arm(0);
  await succeed();
  const passed = plan.passed.length;
  for (const share of [0.3, 0.6, 0.9]) {
    const { handle } = subject;
    plan.arm(Math.floor(passed * share));
    subject.handle = (event, context) => {
      plan.revive();
      return handle(event, context);
    };
    await succeed();
    expect(plan.crashed).toBe(true);
    subject.handle = handle;
    plan.arm(0);
  }
  const token = await subject.begin();
  for (const step of ['createSecret', 'setSecret']) await subject.step(step, token);
  // Somebody writes the value that was there: the rotation is abandoned, and the database is ahead of it.
  await subject.put({ note: 'written by hand' });
  await expect(subject.step('testSecret', token)).rejects.toMatchObject({
    // Without its ledger the version has no label left at all.
    name: expect.stringMatching(/^(RotationAbandoned|VersionNotRegistered)$/),
  });
  await succeed();
}

/** Every operation that is granted is asked for, and no other. */
export async function expectNoDrift(place: Place, allowed: ReadonlySet<Call>): Promise<void> {
  const watched = await watch(place, allowed);
  await everyRun(watched);
  expect([...watched.asked].sort()).toEqual([...allowed].sort());
}

function placeOf({ host, port, dbname, username }: Place['seed']): Record<string, string> {
  return {
    STRONGROOM_HOST: String(host),
    STRONGROOM_PORT: String(port),
    STRONGROOM_DATABASE: String(dbname),
    STRONGROOM_USERNAME: String(username),
  };
}
