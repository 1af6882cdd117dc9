import { describe, expect, it } from 'vitest';
import { ApiKeySecret } from '../../constructs/aws/api-key-secret';
import type { AwsStack } from '../../constructs/aws/aws-stack';
import { DatabaseSecret } from '../../constructs/aws/database-secret';
import { MariadbDatabase } from '../../constructs/aws/mariadb-database';
import { MysqlDatabase } from '../../constructs/aws/mysql-database';
import { PostgresDatabase } from '../../constructs/aws/postgres-database';
import { RotationFunction } from '../../constructs/aws/rotation-function';
import { RotationSchedule } from '../../constructs/core/rotation-schedule';
import { Value } from '../../constructs/core/value';
import { awsProduction, awsStackJson, GIVEN_NETWORK } from '../support/aws-stacks';
import { canRun } from '../support/required';
import { checkStack } from '../support/schemas/check-stack';
import { describeFinding } from '../support/schemas/finding';
import { findSchemas, readSchemas } from '../support/schemas/format';
import type { StackJson } from '../support/stack-file';
import { ACCEPTED } from './accepted';

const found = findSchemas();
const folder = typeof found === 'string' ? undefined : found.folder;
const runs = canRun('schemas', typeof found === 'string' ? found : undefined);

const MONTHLY = { schedule: RotationSchedule.everyDays(30) };

/** What no stack of an environment has: the other products of RDS, a shared function, API keys. */
function everything(stack: AwsStack): void {
  const userOf = (database: DatabaseSecret['database'], username: string) =>
    new DatabaseSecret(stack, username, {
      name: username,
      owner: 'payments',
      database,
      username,
      value: Value.generated({ since: '2026-11-01' }),
    });
  for (const Database of [MysqlDatabase, MariadbDatabase]) {
    const id = Database.name.toLowerCase();
    const database = new Database(stack, id, { name: 'myapp' });
    userOf(database, id.slice(0, 2)).addRotation({ ...MONTHLY, rotateImmediately: true, grace: { hours: 1 } });
  }
  const shared = new PostgresDatabase(stack, 'shared', { name: 'myapp' });
  const [one, other] = [userOf(shared, 'one'), userOf(shared, 'other')];
  const rotator = new RotationFunction(stack, 'rotator', { secrets: [one, other], strategy: 'alternating-users' });
  for (const secret of [one, other]) secret.addRotation({ ...MONTHLY, rotateImmediately: true, function: rotator });
  const wayOut = { kind: 'network', cidrs: ['198.51.100.0/24'], prefixListIds: ['pl-0123456789abcdef0'] } as const;
  for (const [name, way] of [['inside', wayOut] as const, ['outside', { kind: 'outside-network' }] as const]) {
    const value = Value.external({ since: '2026-11-01' });
    new ApiKeySecret(stack, name, { name, owner: 'payments', value }).addRotation({
      ...MONTHLY,
      rotateImmediately: false,
      wayOut: way,
      provider: {
        url: 'https://api.example.com',
        mode: 'slots',
        list: { path: '/keys', id: 'name', key: 'value' },
        regenerate: { method: 'POST', path: '/keys/{id}' },
        test: { path: '/me', headers: { Authorization: 'Bearer {key}' } },
      },
    });
  }
}

describe.runIf(runs)('families that no environment uses, against the real provider,', () => {
  it('hold nothing that it refuses', async () => {
    const json = await awsStackJson(everything, awsProduction({ network: GIVEN_NETWORK }));
    const stack = { id: 'prod-myapp-aws', folder: '', json: json as unknown as StackJson };
    const findings = checkStack(stack, readSchemas(folder ?? ''));
    const open = findings.filter(
      ({ kind, address }) => !ACCEPTED.some((one) => one.kind === kind && address.startsWith(one.type)),
    );
    expect(open.map(describeFinding)).toEqual([]);
  });
});
