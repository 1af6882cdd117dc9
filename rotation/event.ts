import { InvalidEvent } from './errors';

/** The four steps, in the order in which Secrets Manager calls them. */
export const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

export type Step = (typeof STEPS)[number];

/** @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html */
export interface RotationEvent {
  readonly step: Step;
  readonly secretArn: string;
  /** Names the version that is being made; Secrets Manager calls it the client request token. */
  readonly token: string;
  /** Proves to PutSecretValue that the call is part of a rotation. Never logged. */
  readonly rotationToken?: string;
}

/** What Lambda hands to a handler, as far as it is used. */
export interface InvocationContext {
  getRemainingTimeInMillis?(): number;
}

// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
const TOKEN = /^[A-Za-z0-9-]{32,64}$/;
const ROTATION_TOKEN = /^[A-Za-z0-9-]{36,256}$/;
const PRINTABLE = /^[ -~]{1,2048}$/;

/** @throws {InvalidEvent} naming every field that is wrong. */
export function parseEvent(event: unknown): RotationEvent {
  if (typeof event !== 'object' || event === null)
    throw new InvalidEvent('the event is not an object; only Secrets Manager calls this function');
  const {
    Step: step,
    SecretId: secretArn,
    ClientRequestToken: token,
    RotationToken: rotationToken,
  } = event as Record<string, unknown>;
  const problems: string[] = [];
  if (!isStep(step)) problems.push(`Step is ${shown(step)}, not one of ${STEPS.join(', ')}`);
  if (!matches(secretArn, PRINTABLE)) problems.push(`SecretId is ${shown(secretArn)}, not the ARN of a secret`);
  if (!matches(token, TOKEN))
    problems.push(`ClientRequestToken is ${shown(token)}, not 32 to 64 letters, digits and hyphens`);
  if (rotationToken !== undefined && rotationToken !== null && !matches(rotationToken, ROTATION_TOKEN)) {
    problems.push('RotationToken is not 36 to 256 letters, digits and hyphens');
  }
  if (!isStep(step) || !matches(secretArn, PRINTABLE) || !matches(token, TOKEN) || problems.length > 0) {
    throw new InvalidEvent(`${problems.join(', and ')}; only Secrets Manager calls this function`);
  }
  return { step, secretArn, token, ...(typeof rotationToken === 'string' ? { rotationToken } : {}) };
}

function isStep(value: unknown): value is Step {
  return STEPS.some((step) => step === value);
}

function matches(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}

/** A value from outside, made safe to write into one line of a log. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value !== 'string') return `of type ${value === null ? 'null' : typeof value}`;
  const clean = value.slice(0, 80).replace(/[^ -~]/g, '?');
  return `"${clean.replaceAll('"', '?')}"${value.length > 80 ? ' (cut)' : ''}`;
}
