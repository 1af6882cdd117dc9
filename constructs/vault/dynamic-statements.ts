import type { Problem } from '../core/errors';
import type { DynamicStatements } from './postgres-sql';

/** Attributes that make a user more than a user. */
const POWERS = /\b(?:SUPERUSER|CREATEROLE|CREATEDB|REPLICATION|BYPASSRLS)\b/i;
const BLOCK = /\$[A-Za-z_]*\$/;
const TEMPLATE = /[$%]\{/;

type Part = keyof DynamicStatements;

/** Everything that is wrong with the SQL of a dynamic role, most of which a server would take and fail with later. */
export function statementProblems(property: string, statements: DynamicStatements): readonly (Problem | undefined)[] {
  const { creation, revocation, renew = [] } = statements;
  return [
    placeholders(property, 'creation', creation, ['name', 'password', 'expiration']),
    placeholders(property, 'revocation', revocation, ['name']),
    ...(renew.length === 0 ? [] : [placeholders(property, 'renew', renew, ['name', 'expiration'])]),
    POWERS.test(creation.join('\n')) ? powerful(property) : undefined,
    ...[...creation, ...revocation].map((sql) =>
      BLOCK.test(sql) && !/\bEND\b/.test(sql) ? split(property, sql) : undefined,
    ),
    ...renew.map((sql) => (BLOCK.test(sql) ? block(property) : undefined)),
    ...[...creation, ...revocation, ...renew].map((sql) => (TEMPLATE.test(sql) ? template(property) : undefined)),
  ];
}

function placeholders(
  property: string,
  part: Part,
  statements: readonly string[],
  needed: readonly ('name' | 'password' | 'expiration')[],
): Problem | undefined {
  const text = statements.join('\n');
  const missing = needed.map((name) => `{{${name}}}`).filter((name) => !text.includes(name));
  if (missing.length === 0) return undefined;
  return {
    code: 'SR-VAULT-STATEMENT-PLACEHOLDER',
    property: `${property}.${part}`,
    message: `has no ${missing.join(', no ')}: the user would have another name, no password or no end than Vault believes`,
    fix: `write ${missing.join(', ')} where PostgreSQL takes it, names in double quotes, the others in single ones`,
  };
}

function powerful(property: string): Problem {
  return {
    code: 'SR-VAULT-STATEMENT-POWER',
    property: `${property}.creation`,
    message: 'gives the user SUPERUSER, CREATEROLE, CREATEDB, REPLICATION or BYPASSRLS',
    fix: 'give rights by membership in a group role',
  };
}

function split(property: string, sql: string): Problem {
  return {
    code: 'SR-VAULT-STATEMENT-SPLIT',
    property,
    message: `has the block ${JSON.stringify(sql.slice(0, 40))}… without an upper-case END, so Vault would cut it at its semicolons`,
    fix: 'write END in upper case',
  };
}

function block(property: string): Problem {
  return {
    code: 'SR-VAULT-STATEMENT-SPLIT',
    property: `${property}.renew`,
    message: 'has a block, which Vault always cuts at its semicolons when it renews',
    fix: 'write single statements without a block',
  };
}

function template(property: string): Problem {
  return {
    code: 'SR-VAULT-STATEMENT-TEMPLATE',
    property,
    message: 'has ${ or %{ in it, which Terraform would read as a template',
    fix: 'write the SQL without it, dollar quotes as $$',
  };
}
