import type { Problem } from '../core/errors';
import { type DatabaseFamily, FAMILY_OF, type IDatabase, PRODUCT } from './database';
import { type RotationStrategy, type RotatorFacts, rotatorOf } from './rotation-strategy';

/** Versions without a label that can be searched: each may cost a failed login. */
const SEARCHED = { min: 0, max: 3 } as const;

/** Characters of a password. */
const PASSWORD_LENGTH = { min: 16, max: 128, default: 32 } as const;

/** Printable characters without those that are always left out. */
const PASSWORD_ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!()*+,-.<=>[]^_{|}~';

/** Strength of a password in bits. */
const ENOUGH_BITS = 128;

/** All variables of a function together have 4 KB. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const PROBES = { most: 10, bytes: 2048 } as const;

/** Hours, so that a grace ends before the next rotation may come. */
const LONGEST_GRACE_HOURS = 720;

/**
 * Bytes of a role's name. MariaDB allows more, the function's code does not.
 *
 * @see https://www.postgresql.org/docs/current/limits.html
 * @see https://dev.mysql.com/doc/refman/8.4/en/role-names.html
 */
const LONGEST_ROLE: Readonly<Record<DatabaseFamily, number>> = { postgres: 63, mysql: 32, mariadb: 63 };

/** Roles that a login puts into force. @see https://mariadb.com/kb/en/set-default-role/ */
const MOST_ROLES: Readonly<Partial<Record<DatabaseFamily, number>>> = { mariadb: 1 };

/** Where an account logs in from: an address, a network with its mask, a name, or a pattern. */
const USER_HOST = /^[A-Za-z0-9_.:%/-]{1,60}$/;

/** The host of a user, as the function's code has it. */
const ANY_HOST = '%';

/** The end of the second user's name, as the function's code has it. */
export const CLONE_SUFFIX = '_clone';

/** A span of hours and minutes. */
export interface Span {
  /** @default 0 */
  readonly hours?: number;
  /** @default 0 */
  readonly minutes?: number;
}

/** What a rotation of a database's password can be told; none of it is a value. */
export interface RotationSettings {
  /** @default - by engine: `single-user` for PostgreSQL, `dual-password` for MySQL, `two-passwords` for MariaDB */
  readonly strategy?: RotationStrategy;
  /**
   * SQL statements that must work with a new password before it becomes the current one, 10 at most, with 2048 bytes in
   * all. They run as the application's user, and what they answer is not looked at.
   *
   * @default - a login, and a look at who is logged in
   */
  readonly probes?: readonly string[];
  /**
   * How old the current value must be before another rotation may end the one before it: up to 720 hours. Not for
   * `single-user`, which leaves no previous password.
   *
   * @default - none: every rotation may
   */
  readonly grace?: Span;
  /**
   * Characters of a new password: 16 to 128.
   *
   * @default 32
   */
  readonly passwordLength?: number;
  /**
   * Characters left out of passwords, besides those that break URLs and shells. What is left must make 128 bits.
   *
   * @default - none
   */
  readonly excludeCharacters?: string;
  /**
   * Whether the new password becomes the current value in the same call in which it is set, for `single-user` alone: it
   * shortens the moment in which the old one is refused. How Secrets Manager answers to that has not been recorded on AWS.
   *
   * @default false
   */
  readonly fastCutover?: boolean;
  /**
   * Whether a staging label remembers which password the database is about to have. Without it an abandoned rotation is
   * only repaired by a superuser, or by searched versions; it spares two calls.
   *
   * @default 'label'
   */
  readonly ledger?: 'label' | 'none';
  /**
   * How many of the newest versions without a label are tried when no other password works: 0 to 3, `single-user` alone.
   * The function then may list versions.
   *
   * @default 0
   */
  readonly searchVersions?: number;
  /**
   * The end of the second user's name, 1 to 16 letters, digits or underscores, for `alternating-users` alone.
   *
   * @default '_clone'
   */
  readonly cloneSuffix?: string;
  /**
   * Roles that a user made by a rotation becomes a member of; they must exist. On MySQL and MariaDB they are its default
   * roles, and all that it may do; MariaDB has one.
   *
   * @default [] - PostgreSQL: nothing besides a schema of its own. MySQL, MariaDB: all of the database, nothing of others
   */
  readonly groupRoles?: readonly string[];
  /**
   * The schema that a role of PostgreSQL made by the first rotation owns.
   *
   * @default - the role's own name
   */
  readonly schema?: string;
  /**
   * From where a user of MySQL or MariaDB that is made by a rotation may log in: an address, a network such as
   * `10.0.0.0/255.255.0.0`, a name, or a pattern such as `10.0.%`. The function itself must be there too.
   *
   * @default '%' - from everywhere that the network lets it
   */
  readonly userHost?: string;
}

/** Everything that is wrong with settings for one database. */
export function settingsProblems(settings: RotationSettings, database: IDatabase): readonly (Problem | undefined)[] {
  const facts = rotatorOf(database, settings.strategy);
  return [
    probesUsable(settings.probes),
    passwordStrong(settings),
    graceProblem(settings.grace),
    suffixUsable(settings.cloneSuffix),
    rolesNamed(settings.groupRoles, FAMILY_OF[database.engine]),
    hostUsable(settings.userHost),
    searchedWithin(settings.searchVersions),
    ledgerKnown(settings, database),
    ...(facts === undefined ? [] : fits(settings, database, facts)),
  ];
}

/** The settings as the function's code reads them: only what differs from its own defaults. */
export function settingsVariables(settings: RotationSettings): Readonly<Record<string, string>> {
  const { probes = [], groupRoles = [], grace, ledger = 'label', searchVersions = 0, schema, cloneSuffix } = settings;
  const { passwordLength = PASSWORD_LENGTH.default, excludeCharacters = '', userHost = ANY_HOST } = settings;
  const seconds = secondsOf(grace ?? {});
  return {
    ...(probes.length === 0 ? {} : { STRONGROOM_PROBES: JSON.stringify(probes) }),
    ...(seconds === 0 ? {} : { STRONGROOM_GRACE_SECONDS: String(seconds) }),
    ...(passwordLength === PASSWORD_LENGTH.default ? {} : { STRONGROOM_PASSWORD_LENGTH: String(passwordLength) }),
    ...(excludeCharacters === '' ? {} : { STRONGROOM_EXCLUDE_CHARACTERS: excludeCharacters }),
    ...(settings.fastCutover === true ? { STRONGROOM_FAST_CUTOVER: 'on' } : {}),
    ...(ledger === 'label' ? {} : { STRONGROOM_LEDGER: ledger }),
    ...(searchVersions === 0 ? {} : { STRONGROOM_SEARCH_VERSIONS: String(searchVersions) }),
    ...(cloneSuffix === undefined || cloneSuffix === CLONE_SUFFIX ? {} : { STRONGROOM_CLONE_SUFFIX: cloneSuffix }),
    ...(groupRoles.length === 0 ? {} : { STRONGROOM_GRANTS: JSON.stringify(groupRoles) }),
    ...(schema === undefined ? {} : { STRONGROOM_SCHEMA: schema }),
    ...(userHost === ANY_HOST ? {} : { STRONGROOM_USER_HOST: userHost }),
  };
}

/** Settings that mean nothing for a rotator would look as if they did. */
function fits(settings: RotationSettings, { engine }: IDatabase, facts: RotatorFacts): (Problem | undefined)[] {
  const { rotator, oldWorks, alternates } = facts;
  const single = rotator === 'postgres-single-user';
  const postgres = FAMILY_OF[engine] === 'postgres';
  const only = (property: keyof RotationSettings, wrong: boolean, code: string, why: string): Problem | undefined =>
    wrong ? { code, property, message: `is set, but ${rotator} ${why}`, fix: 'leave it out' } : undefined;
  return [
    only('fastCutover', settings.fastCutover === true && !single, 'SR-ROTATION-CUTOVER', 'never shuts a reader out'),
    only('searchVersions', (settings.searchVersions ?? 0) !== 0 && !single, 'SR-ROTATION-SEARCH', 'never searches'),
    only('grace', settings.grace !== undefined && !oldWorks, 'SR-ROTATION-GRACE', 'leaves no previous password'),
    only('cloneSuffix', settings.cloneSuffix !== undefined && !alternates, 'SR-ROTATION-CLONE', 'has one user only'),
    only('schema', settings.schema !== undefined && !postgres, 'SR-ROTATION-ROLES', 'makes no schema'),
    only('userHost', settings.userHost !== undefined && postgres, 'SR-ROTATION-HOST', 'makes roles without a host'),
  ];
}

function probesUsable(probes: readonly string[] = []): Problem | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(probes));
  const usable = probes.every((sql) => sql.trim() !== '' && !sql.includes('\0'));
  if (usable && probes.length <= PROBES.most && bytes <= PROBES.bytes) return undefined;
  return {
    code: 'SR-ROTATION-PROBES',
    property: 'probes',
    message: `are ${probes.length} statements of ${bytes} bytes, allowed are ${PROBES.most} with ${PROBES.bytes} bytes in all, none of them empty`,
    fix: 'write short SELECTs that fail where a right is missing',
  };
}

function passwordStrong(settings: RotationSettings): Problem | undefined {
  const { passwordLength: length = PASSWORD_LENGTH.default, excludeCharacters = '' } = settings;
  const left = [...PASSWORD_ALPHABET].filter((character) => !excludeCharacters.includes(character)).length;
  const bits = Math.floor(length * Math.log2(Math.max(left, 1)));
  const { min, max } = PASSWORD_LENGTH;
  if (Number.isInteger(length) && length >= min && length <= max && bits >= ENOUGH_BITS) return undefined;
  return {
    code: 'SR-ROTATION-PASSWORD',
    property: 'passwordLength',
    message: `is ${length} with ${left} characters to choose from, allowed are ${min} to ${max} and at least ${ENOUGH_BITS} bits in all`,
    fix: `leave it out for ${PASSWORD_LENGTH.default}, and exclude fewer characters`,
  };
}

/** What is wrong with a grace, where one is given. */
export function graceProblem(grace: Span | undefined): Problem | undefined {
  if (grace === undefined) return undefined;
  const { hours = 0, minutes = 0 } = grace;
  const whole = [hours, minutes].every((part) => Number.isInteger(part) && part >= 0);
  const seconds = secondsOf(grace);
  if (whole && seconds > 0 && seconds <= LONGEST_GRACE_HOURS * 3600) return undefined;
  return {
    code: 'SR-ROTATION-GRACE',
    property: 'grace',
    message: `is ${hours} hours and ${minutes} minutes, allowed are whole numbers, up to ${LONGEST_GRACE_HOURS} hours in all`,
    fix: 'write it as in { hours: 24 }, or leave it out for none',
  };
}

/** A span in seconds. */
export function secondsOf({ hours = 0, minutes = 0 }: Span): number {
  return hours * 3600 + minutes * 60;
}

function suffixUsable(suffix: string = CLONE_SUFFIX): Problem | undefined {
  if (/^[A-Za-z0-9_]{1,16}$/.test(suffix)) return undefined;
  return {
    code: 'SR-ROTATION-CLONE',
    property: 'cloneSuffix',
    message: `is ${JSON.stringify(suffix)}, allowed are 1 to 16 letters, digits and underscores`,
    fix: "leave it out for '_clone'",
  };
}

function rolesNamed(roles: readonly string[] = [], family: DatabaseFamily): Problem | undefined {
  const longest = LONGEST_ROLE[family];
  const most = MOST_ROLES[family];
  const named = roles.every((role) => role !== '' && !role.includes('\0') && Buffer.byteLength(role) <= longest);
  if (named && new Set(roles).size === roles.length && roles.length <= (most ?? roles.length)) return undefined;
  return {
    code: 'SR-ROTATION-ROLES',
    property: 'groupRoles',
    message: `are ${JSON.stringify(roles)}, allowed ${most === undefined ? 'are different names' : `is ${most} name on ${PRODUCT[family]}`} of up to ${longest} bytes`,
    fix:
      most === undefined
        ? 'name roles that exist in the database, each once'
        : 'name a role that exists in the database, and has the others',
  };
}

function hostUsable(host: string = ANY_HOST): Problem | undefined {
  if (USER_HOST.test(host)) return undefined;
  return {
    code: 'SR-ROTATION-HOST',
    property: 'userHost',
    message: `is ${JSON.stringify(host)}, allowed are up to 60 letters, digits and any of _.:%/-`,
    fix: "write an address, a network, a name or a pattern such as '10.0.%', without quotes",
  };
}

function searchedWithin(versions = 0): Problem | undefined {
  if (Number.isInteger(versions) && versions >= SEARCHED.min && versions <= SEARCHED.max) return undefined;
  return {
    code: 'SR-ROTATION-SEARCH',
    property: 'searchVersions',
    message: `is ${versions}, allowed are whole numbers from ${SEARCHED.min} to ${SEARCHED.max}`,
    fix: 'leave it out for 0',
  };
}

/** Without a ledger something else must find the password of a rotation that was abandoned. */
function ledgerKnown({ ledger = 'label', searchVersions = 0 }: RotationSettings, db: IDatabase): Problem | undefined {
  const known = ledger === 'label' || ledger === 'none';
  if (known && (ledger === 'label' || searchVersions > 0 || db.superuser !== undefined)) return undefined;
  return {
    code: 'SR-ROTATION-LEDGER',
    property: 'ledger',
    message: known
      ? 'is "none", and nothing else finds the password of an abandoned rotation'
      : `is ${JSON.stringify(ledger)}, allowed are "label" and "none"`,
    fix: known ? "write 'label', set searchVersions, or name a superuser secret" : "leave it out for 'label'",
  };
}
