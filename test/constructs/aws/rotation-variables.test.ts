import { describe, expect, it } from 'vitest';
import { ApiKeySecret } from '../../../constructs/aws/api-key-secret';
import type { AwsStack } from '../../../constructs/aws/aws-stack';
import type { IDatabase } from '../../../constructs/aws/database';
import { DatabaseSecret } from '../../../constructs/aws/database-secret';
import { PostgresDatabase } from '../../../constructs/aws/postgres-database';
import { RotationFunction } from '../../../constructs/aws/rotation-function';
import { RotationSchedule } from '../../../constructs/core/rotation-schedule';
import { Value } from '../../../constructs/core/value';
import { awsRefusals, awsStackJson, resourceOf, resourcesOf } from '../../support/aws-stacks';

const LIMIT = 4096;
const MONTHLY = { schedule: RotationSchedule.everyDays(30), rotateImmediately: true } as const;

const GIVEN: IDatabase = PostgresDatabase.existing({ host: 'db.example.com', name: 'orders' });

function secretIn(stack: AwsStack, database: IDatabase, name = 'myapp/database', username = 'myapp'): DatabaseSecret {
  return new DatabaseSecret(stack, name.replaceAll('/', '-'), {
    name,
    owner: 'payments',
    database,
    username,
    value: Value.external({ since: '2026-11-01' }),
  });
}

/** A function for that many secrets. */
const shared =
  (count: number, databaseOf: (stack: AwsStack) => IDatabase = () => GIVEN) =>
  (stack: AwsStack) => {
    const database = databaseOf(stack);
    const [first, ...others] = Array.from({ length: count }, (_, n) =>
      secretIn(stack, database, `myapp/user-${n + 10}`, `user_${n + 10}`),
    );
    if (first === undefined) throw new Error('a function needs a secret');
    new RotationFunction(stack, 'rotator', { secrets: [first, ...others] });
  };

/** One secret of a database that exists, whose probes make the variables as long as is wanted. */
const probing =
  (length: number, quotes = 0) =>
  (stack: AwsStack) => {
    const probe = `SELECT '${'x'.repeat(length - quotes - 9)}${'"'.repeat(quotes)}'`;
    secretIn(stack, GIVEN).addRotation({ ...MONTHLY, probes: [probe], groupRoles: ROLES });
  };
const ROLES = Array.from({ length: 30 }, (_, n) => `role_${n}_${'y'.repeat(50)}`);

/** What Lambda would measure, with the ARNs as AWS makes them. */
async function measured(declare: (stack: AwsStack) => void): Promise<number> {
  const json = await awsStackJson(declare);
  const names = Object.fromEntries(
    Object.entries(resourcesOf(json, 'aws_secretsmanager_secret')).map(([id, { name }]) => [id, String(name)]),
  );
  const { variables } = resourceOf(json, 'aws_lambda_function')['environment'] as { variables: Record<string, string> };
  const applied = JSON.stringify(variables)
    .replaceAll(
      /\$\{aws_secretsmanager_secret\.(\w[\w-]*)\.arn\}/g,
      (_, id: string) => `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${names[id]}-QwErTy`,
    )
    .replaceAll(/\$\{[^}]*secret_arn\}/g, `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${RDS_SECRET}`)
    .replaceAll(/\$\{[^}]*address\}/g, 'prod-myapp-database.c9akciq32rgx.eu-central-1.rds.amazonaws.com');
  expect(applied).not.toContain('${');
  return Buffer.byteLength(applied);
}
const RDS_SECRET = 'rds!db-5f2d0c1e-7c1b-4c39-9a0e-0d5f6a1b2c3d-QwErTy';

const refusedBytes = async (declare: (stack: AwsStack) => void): Promise<number | undefined> => {
  const line = (await awsRefusals(declare)).join('\n');
  const found = /makes variables of (\d+) bytes in all/.exec(line)?.[1];
  return found === undefined ? undefined : Number(found);
};

describe('the variables of a rotation function', () => {
  it('may have 4096 bytes as JSON, and not one more', async () => {
    const usual = await measured(probing(100));
    const fits = probing(100 + LIMIT - usual);
    expect(await measured(fits)).toBe(LIMIT);
    expect(await refusedBytes(probing(101 + LIMIT - usual))).toBe(LIMIT + 1);
  });

  it('are measured with the backslashes that JSON puts before quotes', async () => {
    const usual = await measured(probing(100));
    // In the text of the list, and once more in the text that Lambda measures: four characters for one.
    expect(await refusedBytes(probing(100 + LIMIT - usual, 1))).toBe(LIMIT + 3);
  });

  it('are measured with the ARNs of secrets as AWS makes them', async () => {
    const [five, six] = [await measured(shared(5)), await measured(shared(6))];
    expect(await refusedBytes(shared(30))).toBe(six + 24 * (six - five));
  });

  it('are refused with the size, what takes most of it, and a second function as the way out', async () => {
    expect(await awsRefusals(shared(25))).toEqual([
      expect.stringMatching(
        /^prod-myapp-aws\/rotator: secrets makes variables of \d{4} bytes in all, as Lambda measures them; allowed are 4096; most of it is STRONGROOM_USERNAME \d{4}, STRONGROOM_SECRETS \d{4}, STRONGROOM_\w+ \d+; give some of the secrets a second function \[SR-ROTATION-VARIABLES\]$/,
      ),
    ]);
  });

  it('of one secret are refused by what could be shorter', async () => {
    const [line] = await awsRefusals(probing(2000));
    expect(line).toMatch(
      /^prod-myapp-aws\/myapp-database\/rotation: probes makes variables of \d+ bytes .*; shorten it \[/,
    );
  });

  it('count what only AWS will know a little longer than it is', async () => {
    const made = (stack: AwsStack) => new PostgresDatabase(stack, 'database', { name: 'myapp' });
    const [five, six] = [await measured(shared(5, made)), await measured(shared(6, made))];
    const afterApply = six + 24 * (six - five);
    const counted = Number(await refusedBytes(shared(30, made)));
    expect(counted - afterApply).toBeGreaterThanOrEqual(0);
    expect(counted - afterApply).toBeLessThan(100);
  });

  it('of an API key are refused by the description of its provider', async () => {
    const lines = await awsRefusals((stack) => {
      const secret = new ApiKeySecret(stack, 'payments', {
        name: 'myapp/payments',
        owner: 'payments',
        value: Value.external({ since: '2026-11-01' }),
      });
      const headers = { Authorization: 'Bearer {admin:apiKey}' };
      secret.addRotation({
        schedule: RotationSchedule.everyDays(90),
        rotateImmediately: true,
        wayOut: { kind: 'outside-network' },
        provider: {
          url: 'https://api.example.com',
          list: { path: '/keys', headers, id: 'id', tag: 'name' },
          create: {
            method: 'POST',
            path: '/keys',
            headers,
            // Below the limit of the description itself, until its quotes are counted.
            body: { scopes: Array.from({ length: 650 }, () => 'r') },
            id: 'id',
            key: 'key',
          },
          revoke: { method: 'DELETE', path: '/keys/{id}', headers },
          test: { path: '/me', headers: { Authorization: 'Bearer {key}' } },
        },
      });
    });
    expect(lines).toEqual([
      expect.stringMatching(/payments\/rotation: provider makes variables .*\[SR-ROTATION-VARIABLES\]$/),
    ]);
  });
});
