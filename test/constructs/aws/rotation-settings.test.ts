import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AwsStack } from '../../../constructs/aws/aws-stack';
import type { IDatabase } from '../../../constructs/aws/database';
import { DatabaseSecret } from '../../../constructs/aws/database-secret';
import { MariadbDatabase } from '../../../constructs/aws/mariadb-database';
import { MysqlDatabase } from '../../../constructs/aws/mysql-database';
import { PostgresDatabase } from '../../../constructs/aws/postgres-database';
import { ROTATOR_CALLS } from '../../../constructs/aws/rotation-permissions';
import { ROTATORS } from '../../../constructs/aws/rotation-strategy';
import { Secret } from '../../../constructs/aws/secret';
import type { OwnFunctionRotation } from '../../../constructs/aws/secret-rotation';
import { RotationSchedule } from '../../../constructs/core/rotation-schedule';
import { Value } from '../../../constructs/core/value';
import { readConfiguration } from '../../../rotation/configuration';
import { ROTATOR_NAMES } from '../../../rotation/rotators';
import { awsRefusals, awsStackJson, resourceOf, statementsIn } from '../../support/aws-stacks';

const SUPERUSER_ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:legacy/superuser-AbCdEf';
const OWN_ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/myapp/database-GhIjKl';

const FAMILIES = { postgres: PostgresDatabase, mysql: MysqlDatabase, mariadb: MariadbDatabase } as const;

/** A user of a database that exists. */
function secretOf(stack: AwsStack, family: keyof typeof FAMILIES, superuser = true): DatabaseSecret {
  const database: IDatabase = FAMILIES[family].existing({
    host: 'db.example.com',
    name: 'orders',
    ...(superuser ? { superuser: Secret.fromArn(stack, 'superuser', SUPERUSER_ARN) } : {}),
  });
  return new DatabaseSecret(stack, 'credentials', {
    name: 'myapp/database',
    owner: 'payments',
    database,
    username: 'myapp',
    value: Value.external({ since: '2026-11-01' }),
  });
}

type Settings = Partial<OwnFunctionRotation>;

const rotated =
  (family: keyof typeof FAMILIES, settings: Settings = {}, superuser = true) =>
  (stack: AwsStack) => {
    const times = { schedule: RotationSchedule.everyDays(30), rotateImmediately: true };
    secretOf(stack, family, superuser).addRotation({ ...times, ...settings });
  };

async function variablesOf(family: keyof typeof FAMILIES, settings: Settings = {}): Promise<Record<string, string>> {
  const lambda = resourceOf(await awsStackJson(rotated(family, settings)), 'aws_lambda_function');
  const { variables } = lambda['environment'] as { variables: Record<string, string> };
  return variables;
}

/** As Terraform would fill them in. */
function filled(variables: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(variables).map(([name, value]) => [
    name,
    value.replace(/\$\{aws_secretsmanager_secret[^}]*\}/, OWN_ARN),
  ]);
  return Object.fromEntries([...entries, ['STRONGROOM_TLS', 'disabled']]) as Record<string, string>;
}

const EVERYTHING: Settings = {
  probes: ['SELECT 1 FROM orders LIMIT 1'],
  passwordLength: 48,
  excludeCharacters: '~!',
  ledger: 'none',
};
const OF_POSTGRES: Settings = { groupRoles: ['readers'], schema: 'payments' };
const OF_OTHERS: Settings = { groupRoles: ['readers'], userHost: '10.0.0.0/255.255.0.0' };

const PAIRS = Object.entries(ROTATORS).flatMap(([family, strategies]) =>
  Object.entries(strategies).map(([strategy, { rotator }]) => ({
    family: family as keyof typeof FAMILIES,
    strategy: strategy as NonNullable<Settings['strategy']>,
    rotator,
  })),
);

/** What the function's code asks for by name. */
function variablesRead(): Set<string> {
  const folder = join(__dirname, '../../../rotation');
  const texts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(folder, file), 'utf8'));
  const reads = /(?:check|required|value|ofDatabase)\(\s*'(STRONGROOM_[A-Z_]+)'|variables\.(STRONGROOM_[A-Z_]+)/g;
  return new Set(texts.flatMap((text) => [...text.matchAll(reads)].map((match) => match[1] ?? match[2] ?? '')));
}

/** For tests and for programs without a network in between; the stack always verifies by the shipped certificates. */
const NEVER_WRITTEN = ['STRONGROOM_CA_FILE', 'STRONGROOM_TLS'];

describe('the settings of a rotation function', () => {
  it('are read by the function’s code, each of them, and the code reads no other', async () => {
    const written = new Set<string>();
    const more: readonly (readonly [keyof typeof FAMILIES, Settings])[] = [
      ['postgres', { ...EVERYTHING, ...OF_POSTGRES, fastCutover: true, searchVersions: 2 }],
      ['postgres', { strategy: 'alternating-users', cloneSuffix: '_two', grace: { hours: 1 } }],
      ['mysql', OF_OTHERS],
    ];
    for (const [family, settings] of more) {
      for (const name of Object.keys(await variablesOf(family, settings))) written.add(name);
    }
    // Of API keys; that construct's own tests read it.
    written.add('STRONGROOM_API');
    const read = variablesRead();
    expect([...written].filter((name) => !read.has(name)).sort()).toEqual([]);
    expect([...read].filter((name) => !written.has(name)).sort()).toEqual(NEVER_WRITTEN);
  });

  it('name rotators that the function has', () => {
    expect(Object.keys(ROTATOR_CALLS).sort()).toEqual([...ROTATOR_NAMES].sort());
  });

  it.each(PAIRS)('are accepted by the code for $rotator', async ({ family, strategy, rotator }) => {
    const settings = { strategy, ...EVERYTHING, ...(family === 'postgres' ? OF_POSTGRES : OF_OTHERS) };
    const configuration = readConfiguration(filled(await variablesOf(family, settings)));
    expect(configuration).toMatchObject({
      rotator,
      secrets: [OWN_ARN],
      superuserSecret: SUPERUSER_ARN,
      password: { length: 48, exclude: '~!' },
      grants: ['readers'],
      ...(family === 'postgres' ? { schema: 'payments' } : { userHost: '10.0.0.0/255.255.0.0' }),
    });
  });

  it.each([
    ['postgres', 'postgres-single-user'],
    ['mysql', 'mysql-dual-password'],
    ['mariadb', 'mariadb-two-passwords'],
  ] as const)(
    'say only what differs from the code’s own defaults, and whose password it is, on %s',
    async (family, rotator) => {
      const { STRONGROOM_SECRETS: _, ...rest } = await variablesOf(family);
      expect(rest).toEqual({
        STRONGROOM_ROTATOR: rotator,
        STRONGROOM_HOST: 'db.example.com',
        STRONGROOM_PORT: family === 'postgres' ? '5432' : '3306',
        STRONGROOM_DATABASE: 'orders',
        STRONGROOM_USERNAME: 'myapp',
        STRONGROOM_SUPERUSER_SECRET: SUPERUSER_ARN,
      });
    },
  );

  it.each<[Settings, string, string]>([
    [{ grace: { hours: 1, minutes: 30 }, strategy: 'alternating-users' }, 'STRONGROOM_GRACE_SECONDS', '5400'],
    [{ fastCutover: true }, 'STRONGROOM_FAST_CUTOVER', 'on'],
    [{ ledger: 'none' }, 'STRONGROOM_LEDGER', 'none'],
    [{ searchVersions: 3 }, 'STRONGROOM_SEARCH_VERSIONS', '3'],
    [{ probes: ['SELECT 1'] }, 'STRONGROOM_PROBES', '["SELECT 1"]'],
    [{ cloneSuffix: '_b', strategy: 'alternating-users' }, 'STRONGROOM_CLONE_SUFFIX', '_b'],
  ])('become variables: %j', async (settings, name, value) => {
    expect((await variablesOf('postgres', settings))[name]).toBe(value);
  });

  it.each<[keyof typeof FAMILIES, Settings, string, string]>([
    ['mysql', { groupRoles: ['readers', 'writers'] }, 'STRONGROOM_GRANTS', '["readers","writers"]'],
    ['mariadb', { groupRoles: ['readers'] }, 'STRONGROOM_GRANTS', '["readers"]'],
    ['mysql', { userHost: '10.0.%' }, 'STRONGROOM_USER_HOST', '10.0.%'],
    ['mariadb', { userHost: 'app.example.com' }, 'STRONGROOM_USER_HOST', 'app.example.com'],
  ])('become variables of a user that is made: %s %j', async (family, settings, name, value) => {
    expect((await variablesOf(family, settings))[name]).toBe(value);
  });

  it('let the function list versions only where it searches them', async () => {
    const actions = async (settings: Settings) => {
      const json = await awsStackJson(rotated('postgres', settings));
      return statementsIn(resourceOf(json, 'aws_iam_role_policy', 'function_role_policy')).flatMap(
        ({ Action }) => Action,
      );
    };
    expect(await actions({})).not.toContain('secretsmanager:ListSecretVersionIds');
    expect(await actions({ searchVersions: 1 })).toContain('secretsmanager:ListSecretVersionIds');
  });

  it('set the function’s time and memory', async () => {
    const json = await awsStackJson(rotated('postgres', { timeoutSeconds: 90, memoryMib: 512 }));
    expect(resourceOf(json, 'aws_lambda_function')).toMatchObject({ timeout: 90, memory_size: 512 });
  });

  it.each<[keyof typeof FAMILIES, Settings, string]>([
    ['postgres', { strategy: 'dual-password' }, 'SR-ROTATION-STRATEGY'],
    ['mysql', { strategy: 'single-user' }, 'SR-ROTATION-STRATEGY'],
    ['mariadb', { strategy: 'dual-password' }, 'SR-ROTATION-STRATEGY'],
    ['postgres', { probes: [' '] }, 'SR-ROTATION-PROBES'],
    ['postgres', { probes: Array.from({ length: 11 }, () => 'SELECT 1') }, 'SR-ROTATION-PROBES'],
    ['postgres', { probes: [`SELECT '${'x'.repeat(2048)}'`] }, 'SR-ROTATION-PROBES'],
    ['mysql', { grace: { hours: 721 } }, 'SR-ROTATION-GRACE'],
    ['mysql', { grace: { minutes: 0.5 } }, 'SR-ROTATION-GRACE'],
    ['postgres', { grace: { hours: 1 } }, 'SR-ROTATION-GRACE'],
    ['postgres', { passwordLength: 15 }, 'SR-ROTATION-PASSWORD'],
    ['postgres', { passwordLength: 129 }, 'SR-ROTATION-PASSWORD'],
    ['postgres', { passwordLength: 16, excludeCharacters: 'abcdefghijklmnopqrstuvwxyz' }, 'SR-ROTATION-PASSWORD'],
    ['mysql', { fastCutover: true }, 'SR-ROTATION-CUTOVER'],
    ['mysql', { searchVersions: 1 }, 'SR-ROTATION-SEARCH'],
    ['postgres', { searchVersions: 4 }, 'SR-ROTATION-SEARCH'],
    ['postgres', { ledger: 'off' as 'none' }, 'SR-ROTATION-LEDGER'],
    ['postgres', { cloneSuffix: '_b' }, 'SR-ROTATION-CLONE'],
    ['postgres', { strategy: 'alternating-users', cloneSuffix: '-' }, 'SR-ROTATION-CLONE'],
    ['postgres', { strategy: 'alternating-users', cloneSuffix: 'app' }, 'SR-ROTATION-CLONE'],
    ['postgres', { groupRoles: ['a', 'a'] }, 'SR-ROTATION-ROLES'],
    ['mysql', { groupRoles: ['a'.repeat(33)] }, 'SR-ROTATION-ROLES'],
    ['mariadb', { groupRoles: ['a', 'b'] }, 'SR-ROTATION-ROLES'],
    ['postgres', { userHost: '10.0.%' }, 'SR-ROTATION-HOST'],
    ['mysql', { userHost: "%' IDENTIFIED BY 'x" }, 'SR-ROTATION-HOST'],
    ['mariadb', { userHost: '`' }, 'SR-ROTATION-HOST'],
    ['mariadb', { userHost: '' }, 'SR-ROTATION-HOST'],
    ['mysql', { userHost: '1'.repeat(61) }, 'SR-ROTATION-HOST'],
    ['mariadb', { schema: 'a' }, 'SR-ROTATION-ROLES'],
    ['postgres', { timeoutSeconds: 29 }, 'SR-ROTATION-SIZE'],
    ['postgres', { memoryMib: 64 }, 'SR-ROTATION-SIZE'],
  ])('are refused: %s %j', async (family, settings, code) => {
    expect(await awsRefusals(rotated(family, settings))).toEqual([
      expect.stringMatching(new RegExp(`^prod-myapp-aws/credentials/rotation: .*; .* \\[${code}\\]$`)),
    ]);
  });

  it.each<[keyof typeof FAMILIES, Settings, string]>([
    ['mysql', {}, 'SR-ROTATION-SUPERUSER'],
    ['mariadb', {}, 'SR-ROTATION-SUPERUSER'],
    ['postgres', { strategy: 'alternating-users' }, 'SR-ROTATION-SUPERUSER'],
    ['postgres', { ledger: 'none' }, 'SR-ROTATION-LEDGER'],
  ])('are refused without a superuser: %s %j', async (family, settings, code) => {
    expect(await awsRefusals(rotated(family, settings, false))).toEqual([
      expect.stringMatching(new RegExp(`^prod-myapp-aws/credentials/rotation: .*; .* \\[${code}\\]$`)),
    ]);
  });
});
