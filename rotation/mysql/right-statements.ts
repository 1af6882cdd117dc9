import { type Account, quoteAccount } from './quoting';
import { ALL, alike, describe, GRANT_OPTION, type Right, same } from './rights';

/** What to run, and what for, in words. */
export interface Change {
  readonly purpose: string;
  readonly sql: string;
}

/** Every server has these on databases and tables, and the last two on routines. */
const COMMON = [
  ...['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'REFERENCES', 'INDEX', 'ALTER', 'CREATE VIEW'],
  ...['SHOW VIEW', 'TRIGGER', 'EXECUTE', 'ALTER ROUTINE'],
];

/**
 * The statements that bring an account nearer to the rights that it should have: what is missing first, so that nothing
 * that is to stay is gone for a moment. Not always all of it: the caller reads the rights again, until nothing is left to do.
 */
export function changes(wanted: readonly Right[], actual: readonly Right[], account: Account): readonly Change[] {
  const missing = wanted.filter((right) => !actual.some((one) => same(one, right)));
  const extra = actual.filter((right) => !wanted.some((one) => same(one, right)));
  const to = quoteAccount(account);
  const everything = (rights: readonly Right[], { on, kind, name }: Right) =>
    kind === 'privilege' && isWhole(name) && rights.some((one) => one.on === on && one.name === ALL);
  // An option can't be taken away alone: all of it goes, and comes back without.
  const lessened = extra.filter((right) => right.option && missing.some((one) => alike(one, right)));
  const granted = missing.filter((right) => !everything(actual, right) || right.name === ALL);
  const gone = extra.filter(
    (right) =>
      !lessened.includes(right) &&
      !missing.some((one) => alike(one, right)) &&
      (right.name === ALL || !everything(missing, right)),
  );
  return [
    ...lessened.map((right) => revoke([right], to)),
    ...groups(granted.filter(({ kind }) => kind !== 'restriction')).map((group) => grant(group, to)),
    ...groups(granted.filter(({ kind }) => kind === 'restriction')).map((group) => grant(group, to)),
    ...groups(gone.map((right) => shrunk(right, wanted))).map((group) => revoke(group, to)),
  ];
}

function isWhole(name: string): boolean {
  return name !== GRANT_OPTION && !name.endsWith(')');
}

/** Of all privileges at once, one that is not wanted is taken: then the server lists the others by name. */
function shrunk(right: Right, wanted: readonly Right[]): Right {
  if (right.kind !== 'privilege' || right.name !== ALL) return right;
  const routine = /^(PROCEDURE|FUNCTION|PACKAGE)/.test(right.on);
  const unwanted = (routine ? COMMON.slice(-2) : COMMON).find(
    (name) => !wanted.some((one) => one.kind === 'privilege' && one.on === right.on && one.name === name),
  );
  return { ...right, name: unwanted ?? ALL };
}

/** Privileges of one object go into one statement; of everything else each has its own. */
function groups(rights: readonly Right[]): readonly (readonly Right[])[] {
  const found = new Map<string, Right[]>();
  for (const right of rights) {
    const { kind, on, name } = right;
    const together = (kind === 'privilege' && name !== ALL) || kind === 'restriction';
    const key = JSON.stringify(together ? [kind, on] : [kind, on, name]);
    found.set(key, [...(found.get(key) ?? []), right]);
  }
  return [...found.values()];
}

function grant(group: readonly [Right, ...Right[]] | readonly Right[], to: string): Change {
  const [first] = group;
  if (!first) throw new TypeError('there is nothing to grant');
  const purpose = `granting ${group.map(describe).join(', ')}`;
  const { kind, name, on, option } = first;
  switch (kind) {
    case 'privilege': {
      const names = group.map((right) => right.name).filter((one) => one !== GRANT_OPTION);
      const passedOn = names.length < group.length ? ' WITH GRANT OPTION' : '';
      return { purpose, sql: `GRANT ${names.join(', ') || 'USAGE'} ON ${on} TO ${to}${passedOn}` };
    }
    case 'dynamic':
      return { purpose, sql: `GRANT ${name} ON ${on} TO ${to}${option ? ' WITH GRANT OPTION' : ''}` };
    case 'restriction':
      return { purpose, sql: `REVOKE ${group.map((right) => right.name).join(', ')} ON ${on} FROM ${to}` };
    case 'role':
      return { purpose, sql: `GRANT ${name} TO ${to}${option ? ' WITH ADMIN OPTION' : ''}` };
    case 'proxy':
      return { purpose, sql: `GRANT PROXY ON ${name} TO ${to}${option ? ' WITH GRANT OPTION' : ''}` };
  }
}

function revoke(group: readonly Right[], from: string): Change {
  const [first] = group;
  if (!first) throw new TypeError('there is nothing to revoke');
  const purpose = `revoking ${group.map(describe).join(', ')}`;
  const { kind, name, on } = first;
  const names = group.map((right) => right.name).join(', ');
  switch (kind) {
    case 'privilege':
    case 'dynamic':
      return { purpose, sql: `REVOKE ${names} ON ${on} FROM ${from}` };
    case 'restriction':
      return { purpose, sql: `GRANT ${names} ON ${on} TO ${from}` };
    case 'role':
      return { purpose, sql: `REVOKE ${name} FROM ${from}` };
    case 'proxy':
      return { purpose, sql: `REVOKE PROXY ON ${name} FROM ${from}` };
  }
}
