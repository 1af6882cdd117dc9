import type { Problem } from '../core/errors';
import { AwsStack } from './aws-stack';
import type { Secret } from './secret';

/**
 * Bytes of all variables of a function together. What Lambda measures is the JSON text of them: names, quotes, and the
 * backslash before each quote in a value count too.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MOST_BYTES = 4096;

/**
 * What a value that AWS makes up counts as: the ARN of a superuser's secret that RDS manages has as many characters, and the
 * address of a database fewer, unless its name is very long.
 */
const UNKNOWN_BYTES = 110;

/** The six characters that Secrets Manager adds to a name. */
const ARN_END = '-AbCdEf';

/** How CDKTF writes a value that only Terraform will know. */
const TOKEN = /\$\{TfToken\[[^\]]*\]\}/g;

const SHOWN = 3;

/** Which property to shorten, where one variable can be. */
const PROPERTIES: Readonly<Record<string, string>> = {
  STRONGROOM_API: 'provider',
  STRONGROOM_EXCLUDE_CHARACTERS: 'excludeCharacters',
  STRONGROOM_GRANTS: 'groupRoles',
  STRONGROOM_PROBES: 'probes',
};

/** Whether a function can have these variables; the ARNs of its secrets are known by their names. */
export function variablesProblem(
  variables: Readonly<Record<string, string>>,
  secrets: readonly [Secret, ...Secret[]],
): Problem | undefined {
  const size = (part: unknown) => bytesOf(JSON.stringify(part), secrets);
  const bytes = size(variables);
  if (bytes <= MOST_BYTES) return undefined;
  const largest = Object.entries(variables)
    .map(([name, value]) => ({ name, bytes: size(value) }))
    .sort((a, b) => b.bytes - a.bytes);
  const shown = largest.slice(0, SHOWN).map((one) => `${one.name} ${one.bytes}`);
  const long = largest.find(({ name }) => PROPERTIES[name] !== undefined);
  const property = secrets.length > 1 ? 'secrets' : (PROPERTIES[long?.name ?? ''] ?? 'secrets');
  return {
    code: 'SR-ROTATION-VARIABLES',
    property,
    message: `makes variables of ${bytes} bytes in all, as Lambda measures them; allowed are ${MOST_BYTES}; most of it is ${shown.join(', ')}`,
    fix: secrets.length > 1 ? 'give some of the secrets a second function' : 'shorten it',
  };
}

function bytesOf(text: string, secrets: readonly Secret[]): number {
  const known = secrets.reduce((all, secret) => all.replaceAll(secret.arn, arnOf(secret)), text);
  return Buffer.byteLength(known.replaceAll(TOKEN, 'x'.repeat(UNKNOWN_BYTES)));
}

function arnOf(secret: Secret): string {
  return AwsStack.of(secret).arn('secretsmanager', `secret:${secret.name}${ARN_END}`);
}
