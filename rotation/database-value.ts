import type { Configuration } from './configuration';
import { refuseUndeclared } from './declared-user';
import { EngineNotAccepted, InvalidSecretValue, PendingMismatch, SuperuserMismatch } from './errors';
import { newPassword } from './password';
import type { Rotator } from './rotator';
import type { SecretValue } from './secret-value';

/** Keys that no rotation ever changes. */
const FIXED_KEYS = ['engine', 'ssl', 'masterarn'] as const;

/** How long a user's name may be, and who says so. */
export interface NameLimit {
  readonly longest: number;
  readonly unit: 'bytes' | 'characters';
  readonly product: string;
}

/** The part of a rotator that looks at values alone. */
export type ValueRules = Pick<Rotator, 'accept' | 'make' | 'agree'>;

/** Of rotators that keep the user and change the password: both values are for the user that the stack declares. */
export function sameUserValues(configuration: Configuration, engines: readonly string[], limit: NameLimit): ValueRules {
  return {
    accept: (current) => {
      acceptDatabaseValue(current, engines, limit);
      refuseUndeclared(configuration, current.string('username'));
    },
    make: (current) =>
      current.with({ ...placeKeys(configuration, current), password: differentPassword(configuration, current) }),
    agree: (current, pending) =>
      agreeOnDatabase(configuration, current, pending, { username: current.get('username') }),
  };
}

/** @throws {EngineNotAccepted} @throws {InvalidSecretValue} */
export function acceptDatabaseValue(current: SecretValue, engines: readonly string[], limit: NameLimit): void {
  const engine = current.string('engine');
  if (!engines.includes(engine)) {
    throw new EngineNotAccepted(
      `the secret's engine is ${JSON.stringify(engine)}; this function rotates ${engines.join(' and ')}`,
    );
  }
  for (const key of ['host', 'username', 'password']) current.string(key);
  checkName(current.string('username'), limit);
}

/** @throws {InvalidSecretValue} with the numbers. */
export function checkName(username: string, { longest, unit, product }: NameLimit): void {
  const length = unit === 'bytes' ? Buffer.byteLength(username) : [...username].length;
  if (length > longest || username.includes('\0')) {
    throw new InvalidSecretValue(
      `the user name ${JSON.stringify(username)} has ${length} ${unit}, or a zero byte; ${product} allows ${longest}`,
    );
  }
}

/** The keys that must change so that the value says where the stack put the database. */
export function placeKeys({ target }: Configuration, value: SecretValue): Record<string, string | number> {
  return {
    ...(value.get('host') === target.host ? {} : { host: target.host }),
    // Written as a number or as a string, it is the same port.
    ...(Number(value.get('port') ?? 0) === target.port ? {} : { port: target.port }),
    ...(value.get('dbname') === target.database ? {} : { dbname: target.database }),
  };
}

export function differentPassword(configuration: Configuration, current: SecretValue): string {
  const old = current.string('password');
  let password = newPassword(configuration.password);
  while (password === old) password = newPassword(configuration.password);
  return password;
}

/** @throws {PendingMismatch} @throws {SuperuserMismatch} */
export function agreeOnDatabase(
  configuration: Configuration,
  current: SecretValue,
  pending: SecretValue,
  expected: Readonly<Record<string, unknown>>,
): void {
  const wrong: string[] = FIXED_KEYS.filter(
    (key) => JSON.stringify(current.get(key)) !== JSON.stringify(pending.get(key)),
  );
  wrong.push(...Object.keys(expected).filter((key) => pending.get(key) !== expected[key]));
  wrong.push(...Object.keys(placeKeys(configuration, pending)));
  if (pending.string('password') === current.get('password')) wrong.push('password (which must differ)');
  if (wrong.length > 0) {
    throw new PendingMismatch(
      `the pending value differs from the current one, or from the function's target, in ${wrong.join(', ')}; ` +
        'take AWSPENDING away from that version and rotate again',
    );
  }
  const master = pending.get('masterarn');
  if (master !== undefined && configuration.superuserSecret !== undefined && master !== configuration.superuserSecret) {
    throw new SuperuserMismatch('the masterarn in the secret is not STRONGROOM_SUPERUSER_SECRET; correct one of them');
  }
}
