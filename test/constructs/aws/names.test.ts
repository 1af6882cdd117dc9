import { describe, expect, it } from 'vitest';
import { NAME_RULES, type NamedKind } from '../../../constructs/aws/names';
import { nameProblem } from '../../../constructs/core/naming';

const legal = (kind: NamedKind, name: string) => nameProblem(NAME_RULES[kind], 'name', name) === undefined;

describe('NAME_RULES', () => {
  it.each<[NamedKind, string]>([
    ['secret', 'prod/myapp/database_1+2=3.4@5-x'],
    ['secret', 'a'.repeat(512)],
    ['secret', 'prod/myapp-database'],
    ['role', 'a'.repeat(64)],
    ['alias', 'prod/myapp/secrets'],
    ['database', 'prod-myapp-database'],
    ['databaseName', 'my_app1'],
    ['subnetGroup', 'prod-myapp-database'],
    ['parameterGroup', 'prod-myapp-database-postgres17'],
    ['securityGroup', 'prod-myapp-database'],
    ['function', 'a'.repeat(64)],
    ['logGroup', '/aws/rds/instance/x/postgresql'],
    ['topic', 'a'.repeat(256)],
    ['eventRule', 'a'.repeat(64)],
    ['cluster', 'a'.repeat(255)],
    ['document', 'prod-myapp-redeploy'],
  ])('%s may be called %s', (kind, name) => {
    expect(legal(kind, name)).toBe(true);
  });

  it.each<[NamedKind, string]>([
    ['secret', ''],
    ['secret', 'a'.repeat(513)],
    ['secret', 'prod/my app'],
    ['secret', 'prod/myapp-secret'],
    ['role', 'a'.repeat(65)],
    ['role', 'prod/myapp'],
    ['alias', 'aws/secretsmanager'],
    ['database', '1st'],
    ['database', 'prod--myapp'],
    ['database', 'prod-'],
    ['database', 'a'.repeat(64)],
    ['databaseName', 'my-app'],
    ['databaseName', 'rdsadmin'],
    ['subnetGroup', 'default'],
    ['parameterGroup', 'prod--x'],
    ['securityGroup', 'sg-prod'],
    ['function', 'prod/myapp'],
    ['function', 'a'.repeat(65)],
    ['logGroup', 'a b'],
    ['topic', 'a.b'],
    ['eventRule', 'a'.repeat(65)],
    ['cluster', 'a.b'],
    ['document', 'AWS-Restart'],
    ['document', 'ab'],
  ])('%s may not be called %j', (kind, name) => {
    expect(legal(kind, name)).toBe(false);
  });

  it('says why a name that looks like the end of an ARN is refused', () => {
    expect(nameProblem(NAME_RULES.secret, 'name', 'prod/myapp-secret')).toMatchObject({
      code: 'SR-NAME-ILLEGAL',
      message: expect.stringContaining('ends in a hyphen and six characters'),
    });
  });

  it.each(Object.entries(NAME_RULES))('%s names the page of AWS', (_, { see }) => {
    expect(see).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
  });
});
