import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readApi } from './api-key/configuration';
import { API_KEY_ROTATOR, type ApiKeyConfiguration } from './api-key/description';
import type { Target } from './database';
import { InvalidConfiguration } from './errors';
import { type PasswordPolicy, policyProblem } from './password';
import { NAME_LIMIT } from './postgres/name-limit';
import { type DatabaseRotatorName, isDatabaseRotator, isRotatorName, ROTATOR_NAMES } from './rotators';
import { type Check, readStepOptions, type StepOptions } from './step-options';

/** Where the bundle keeps the certificates of RDS's authorities: beside the code. */
export const SHIPPED_CA_FILE = 'rds-ca.pem';

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
const SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@!-]+$/;

const DEFAULT_PASSWORD_LENGTH = 32;

/** Clients of an API keep their key in memory, and nothing tells them that there is another. */
const DEFAULT_KEY_GRACE_SECONDS = 3_600;

/** Thirty days: with more, a schedule that rotates every month would never come to it. */
const LONGEST_GRACE_SECONDS = 30 * 24 * 3_600;

/** Rotators whose every change is the superuser's. */
const NEEDS_SUPERUSER: readonly string[] = [
  'postgres-alternating-users',
  'mariadb-two-passwords',
  'mariadb-alternating-users',
  'mysql-dual-password',
  'mysql-alternating-users',
];

/** Rotators whose superuser finds no mark on a user that says which secret it belongs to. */
const NEEDS_USERNAME: readonly string[] = [
  'mariadb-two-passwords',
  'mysql-dual-password',
  'mariadb-alternating-users',
  'mysql-alternating-users',
];

/** MariaDB puts one role into force at a login. */
const ONE_DEFAULT_ROLE: readonly string[] = ['mariadb-two-passwords', 'mariadb-alternating-users'];

const MOST_PROBES = 20;

/** What the stack says about one rotation function for users of a database. */
export interface Configuration {
  readonly rotator: DatabaseRotatorName;
  /** The secrets that may be rotated, by ARN. */
  readonly secrets: readonly string[];
  /** Where the database is. It wins over what a secret says, which a restored database would leave stale. */
  readonly target: Target;
  /** ARN of the secret with the superuser's username and password. */
  readonly superuserSecret?: string;
  /** The schema that a role made by this function owns. @default the role's own name */
  readonly schema?: string;
  /** Group roles that a role or user made by this function becomes a member of. */
  readonly grants: readonly string[];
  /** The host from which a user of MySQL or MariaDB made by this function logs in. @default '%' */
  readonly userHost?: string;
  readonly password: PasswordPolicy;
  /** What the second of two alternating users has at the end of its name. @default '_clone' */
  readonly cloneSuffix?: string;
  readonly steps: StepOptions;
  /** The users that the stack declares, by ARN of their secrets. */
  readonly usernames?: Readonly<Record<string, string>>;
  /** That of the secret at hand. */
  readonly username?: string;
  /** SQL that the pending login must be able to run, one statement each. @default [] */
  readonly probes?: readonly string[];
  /** How long a previous password works at least before the next rotation may end it, in seconds. @default 0 */
  readonly graceSeconds?: number;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads the function's environment variables.
 *
 * @throws {InvalidConfiguration} naming every problem.
 */
export function readConfiguration(variables: Variables): Configuration | ApiKeyConfiguration {
  const problems: string[] = [];
  const value = (name: string) => variables[name]?.trim() || undefined;
  const check: Check = (name, wrong, read) => {
    const text = value(name);
    const problem = text === undefined ? undefined : wrong(text);
    if (problem !== undefined) problems.push(`${name} ${problem}`);
    return text === undefined || problem !== undefined ? undefined : read(text);
  };
  const required: Check = (name, wrong, read) => {
    if (value(name) === undefined) problems.push(`${name} is missing`);
    return check(name, wrong, read);
  };
  const text = (value: string) => value;

  const rotator = required('STRONGROOM_ROTATOR', notARotator, text);
  const secrets = required('STRONGROOM_SECRETS', notSecretArns, (json) => JSON.parse(json) as string[]);
  // No database has a part in API keys.
  const ofDatabase = rotator === API_KEY_ROTATOR ? check : required;
  const host = ofDatabase('STRONGROOM_HOST', notAHost, text);
  const port = ofDatabase('STRONGROOM_PORT', notAPort, Number);
  const database = ofDatabase('STRONGROOM_DATABASE', notAName, text);
  const graceSeconds = check('STRONGROOM_GRACE_SECONDS', notAGrace, Number);
  if (rotator === 'postgres-single-user' && (graceSeconds ?? 0) > 0) {
    problems.push(
      'STRONGROOM_GRACE_SECONDS is set, and postgres-single-user leaves no previous password that a grace could protect',
    );
  }
  const superuserSecret = check('STRONGROOM_SUPERUSER_SECRET', notASecretArn, text);
  const schema = check('STRONGROOM_SCHEMA', notAName, text);
  const grants = check('STRONGROOM_GRANTS', notNames, (json) => JSON.parse(json) as string[]) ?? [];
  if (grants.length > 1 && rotator !== undefined && ONE_DEFAULT_ROLE.includes(rotator)) {
    problems.push(
      `STRONGROOM_GRANTS names ${grants.length} roles, and MariaDB puts one into force at a login; name one that has the others`,
    );
  }
  const userHost = check('STRONGROOM_USER_HOST', notAUserHost, text);
  const cloneSuffix = check('STRONGROOM_CLONE_SUFFIX', notASuffix, text);
  const usernames = check(
    'STRONGROOM_USERNAME',
    (given) => notUsernames(given, secrets),
    (given) => byArn(given, secrets),
  );
  const probes = check('STRONGROOM_PROBES', notProbes, (json) => JSON.parse(json) as string[]);
  const mode = check('STRONGROOM_TLS', notATlsMode, text) ?? 'verify-full';
  const length = check('STRONGROOM_PASSWORD_LENGTH', notAWholeNumber, Number) ?? DEFAULT_PASSWORD_LENGTH;
  // Not trimmed: a space is a character to exclude.
  const password = { length, exclude: variables.STRONGROOM_EXCLUDE_CHARACTERS ?? '' };
  const weakness = policyProblem(password);
  if (weakness)
    problems.push(`the password's policy (STRONGROOM_PASSWORD_LENGTH, STRONGROOM_EXCLUDE_CHARACTERS) ${weakness}`);
  if (superuserSecret !== undefined && secrets?.includes(superuserSecret)) {
    problems.push(
      'STRONGROOM_SUPERUSER_SECRET is one of STRONGROOM_SECRETS, and a superuser must not be rotated by its own password',
    );
  }
  if (superuserSecret === undefined && rotator !== undefined && NEEDS_SUPERUSER.includes(rotator)) {
    problems.push(`STRONGROOM_SUPERUSER_SECRET is missing, and ${rotator} changes users that can't change themselves`);
  }
  const steps = readStepOptions(check, rotator, superuserSecret !== undefined, problems);
  if (rotator !== undefined && NEEDS_USERNAME.includes(rotator) && value('STRONGROOM_USERNAME') === undefined) {
    problems.push(
      `STRONGROOM_USERNAME is missing, and ${rotator} would set the password of whichever user the secret names`,
    );
  }
  if (rotator === API_KEY_ROTATOR) {
    const caFile = value('STRONGROOM_CA_FILE');
    const api = required(
      'STRONGROOM_API',
      () => undefined,
      (json) => readApi({ api: json, tls: mode, caFile }, problems),
    );
    if (problems.length > 0 || !secrets || !api) throw invalid(problems);
    return {
      rotator,
      secrets,
      ...(superuserSecret === undefined ? {} : { superuserSecret }),
      graceSeconds: graceSeconds ?? DEFAULT_KEY_GRACE_SECONDS,
      password,
      steps,
      api,
    };
  }
  const tls = mode === 'disabled' ? DISABLED : verifyFull(value('STRONGROOM_CA_FILE'), problems);
  if (problems.length > 0 || !isDatabaseRotator(rotator) || !secrets || !host || !port || !database) {
    throw invalid(problems);
  }
  return {
    rotator,
    secrets,
    target: { host, port, database, tls },
    ...(superuserSecret === undefined ? {} : { superuserSecret }),
    ...(schema === undefined ? {} : { schema }),
    grants,
    ...(userHost === undefined ? {} : { userHost }),
    password,
    ...(cloneSuffix === undefined ? {} : { cloneSuffix }),
    steps,
    ...(usernames === undefined ? {} : { usernames }),
    ...(probes === undefined ? {} : { probes }),
    ...(graceSeconds === undefined ? {} : { graceSeconds }),
  };
}

function invalid(problems: readonly string[]): InvalidConfiguration {
  return new InvalidConfiguration(`${problems.join('; ')}; correct the function's environment variables`);
}

const DISABLED = { mode: 'disabled' } as const;

function verifyFull(file: string | undefined, problems: string[]): Target['tls'] {
  try {
    const ca = readFileSync(file ?? join(__dirname, SHIPPED_CA_FILE), 'utf8');
    if (ca.includes('-----BEGIN CERTIFICATE-----')) return { mode: 'verify-full', ca };
    problems.push('STRONGROOM_CA_FILE names a file without a PEM certificate');
  } catch {
    problems.push(
      file === undefined
        ? 'STRONGROOM_CA_FILE is missing, and no certificates are shipped beside this code'
        : 'STRONGROOM_CA_FILE names a file that cannot be read',
    );
  }
  return DISABLED;
}

function notARotator(value: string): string | undefined {
  return isRotatorName(value) ? undefined : `is ${JSON.stringify(value)}, not one of ${ROTATOR_NAMES.join(', ')}`;
}

function notASecretArn(value: string): string | undefined {
  return SECRET_ARN.test(value) ? undefined : `is ${JSON.stringify(value)}, not the ARN of a secret`;
}

function notSecretArns(value: string): string | undefined {
  const list = strings(value);
  if (!list || list.length === 0) return 'is not a JSON list of ARNs with at least one';
  const wrong = list.filter((arn) => !SECRET_ARN.test(arn));
  return wrong.length === 0
    ? undefined
    : `names ${wrong.map((arn) => JSON.stringify(arn)).join(', ')}, not the ARN of a secret`;
}

function notAHost(value: string): string | undefined {
  return /^[A-Za-z0-9._:-]{1,253}$/.test(value) ? undefined : `is ${JSON.stringify(value)}, not a host name or address`;
}

/** MariaDB allows 60 characters. */
function notAUserHost(value: string): string | undefined {
  return /^[A-Za-z0-9_.:%/-]{1,60}$/.test(value)
    ? undefined
    : `is ${JSON.stringify(value)}, not an address, a network, a name or a pattern such as 10.0.%, of up to 60 characters`;
}

function notAPort(value: string): string | undefined {
  return /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535
    ? undefined
    : `is ${JSON.stringify(value)}, not a port from 1 to 65535`;
}

function notAWholeNumber(value: string): string | undefined {
  return /^\d{1,4}$/.test(value) ? undefined : `is ${JSON.stringify(value)}, not a whole number`;
}

function notAGrace(value: string): string | undefined {
  return /^\d{1,7}$/.test(value) && Number(value) <= LONGEST_GRACE_SECONDS
    ? undefined
    : `is ${JSON.stringify(value)}, not a whole number of seconds from 0 to ${LONGEST_GRACE_SECONDS}`;
}

function notATlsMode(value: string): string | undefined {
  return ['verify-full', 'disabled'].includes(value)
    ? undefined
    : `is ${JSON.stringify(value)}, not verify-full or disabled`;
}

function notAName(value: string): string | undefined {
  if (value.includes('\0')) return 'has a zero byte';
  const bytes = Buffer.byteLength(value);
  return bytes <= NAME_LIMIT.longest ? undefined : `has ${bytes} bytes, and PostgreSQL allows ${NAME_LIMIT.longest}`;
}

function notASuffix(value: string): string | undefined {
  return /^[A-Za-z0-9_]{1,16}$/.test(value)
    ? undefined
    : `is ${JSON.stringify(value)}, not 1 to 16 letters, digits or underscores`;
}

function notNames(value: string): string | undefined {
  const list = strings(value);
  if (!list?.every((name) => name !== '')) return 'is not a JSON list of role names';
  return list.map(notAName).find((problem) => problem !== undefined);
}

/** A name for the only secret, or a JSON object with one for each. */
function byArn(value: string, secrets: readonly string[] = []): Record<string, string> {
  if (value.startsWith('{')) return JSON.parse(value) as Record<string, string>;
  return Object.fromEntries(secrets.map((arn) => [arn, value]));
}

function notUsernames(value: string, secrets: readonly string[] = []): string | undefined {
  if (!value.startsWith('{')) {
    return secrets.length > 1
      ? 'is one name for several secrets; write a JSON object from each ARN to its user'
      : undefined;
  }
  const names = namesIn(value);
  if (!names) return 'is not a JSON object from ARNs to names of users';
  const missing = secrets.filter((arn) => !Object.hasOwn(names, arn));
  const unknown = Object.keys(names).filter((arn) => !secrets.includes(arn));
  const problems = [
    ...missing.map((arn) => `has no user for ${arn}`),
    ...unknown.map((arn) => `names ${JSON.stringify(arn)}, which is not one of STRONGROOM_SECRETS`),
  ];
  return problems.length === 0 ? undefined : problems.join(', ');
}

function namesIn(json: string): Record<string, string> | undefined {
  try {
    const value = JSON.parse(json) as Record<string, unknown>;
    const names = Object.values(value);
    return names.every((name) => typeof name === 'string' && name !== '')
      ? (value as Record<string, string>)
      : undefined;
  } catch {
    return undefined;
  }
}

function notProbes(value: string): string | undefined {
  const list = strings(value);
  if (!list?.every((sql) => sql.trim() !== '')) return 'is not a JSON list of SQL statements';
  return list.length <= MOST_PROBES ? undefined : `has ${list.length} statements, and at most ${MOST_PROBES} are run`;
}

function strings(json: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}
