import { randomInt, randomUUID } from 'node:crypto';
import { exists, invalidParameter, invalidRequest, notFound } from './errors';

/** @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
const LARGEST_VALUE_BYTES = 65_536;
const MOST_LABELS = 20;

export interface Version {
  readonly id: string;
  /** Undefined while the version is a placeholder that a rotation has yet to fill. */
  value: { readonly text?: string; readonly binary?: string } | undefined;
  readonly labels: Set<string>;
  readonly created: number;
}

export interface Rotation {
  enabled: boolean;
  lambdaArn?: string;
  rules?: Readonly<Record<string, unknown>>;
  lastRotated?: number;
}

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly created: number;
  readonly kmsKeyId?: string;
  readonly versions: Map<string, Version>;
  readonly rotation: Rotation;
  deleted?: number;
}

export interface Value {
  readonly text?: string;
  readonly binary?: string;
}

/** The state and the rules of staging labels, without any protocol. */
export class SecretTable {
  private readonly secrets = new Map<string, Secret>();

  constructor(
    private readonly account: string,
    private readonly region: string,
    private readonly now: () => number,
  ) {}

  create(name: string, kmsKeyId?: string): Secret {
    if (!/^[A-Za-z0-9/_+=.@!-]{1,512}$/.test(name))
      throw invalidParameter(
        'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
      );
    if ([...this.secrets.values()].some((secret) => secret.name === name)) {
      throw exists(`The operation failed because the secret ${name} already exists.`);
    }
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const suffix = Array.from({ length: 6 }, () => letters.charAt(randomInt(letters.length))).join('');
    const secret: Secret = {
      arn: `arn:aws:secretsmanager:${this.region}:${this.account}:secret:${name}-${suffix}`,
      name,
      created: this.now(),
      ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
      versions: new Map(),
      rotation: { enabled: false },
    };
    this.secrets.set(secret.arn, secret);
    return secret;
  }

  find(id: string, options: { readonly deletedToo?: boolean } = {}): Secret {
    const secret = this.secrets.get(id) ?? [...this.secrets.values()].find(({ name }) => name === id);
    if (!secret) throw notFound();
    if (secret.deleted !== undefined && !options.deletedToo) {
      throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
    }
    return secret;
  }

  /** Without a recovery window the secret is gone at once. */
  remove(secret: Secret): void {
    this.secrets.delete(secret.arn);
  }

  /** Stores a value under a version, with its labels; nothing changes if anything is wrong. */
  put(secret: Secret, token: string, value: Value, labels: readonly string[]): Version {
    checkToken(token);
    checkLabels(labels);
    const bytes = Buffer.byteLength(value.text ?? value.binary ?? '');
    if (bytes === 0) throw invalidRequest('You must provide either SecretString or SecretBinary.');
    if (bytes > LARGEST_VALUE_BYTES) throw invalidParameter('The secret value is too long.');
    const known = secret.versions.get(token);
    if (known?.value) {
      if (known.value.text === value.text && known.value.binary === value.binary) return known;
      throw exists("You can't modify an existing version, you can only create a new version.");
    }
    const version = known ?? this.placeholder(secret, token);
    version.value = value;
    for (const label of labels) attach(secret, label, version);
    return version;
  }

  /** A version without a value, as a rotation registers it. */
  placeholder(secret: Secret, token: string): Version {
    const version: Version = { id: token, value: undefined, labels: new Set(), created: this.now() };
    secret.versions.set(token, version);
    return version;
  }

  /** The version that has a value, by id, label or both. */
  read(secret: Secret, versionId: string | undefined, stage: string | undefined): Version & { value: Value } {
    const label = stage ?? 'AWSCURRENT';
    const version = versionId === undefined ? holder(secret, label) : secret.versions.get(versionId);
    if (versionId !== undefined && version && stage !== undefined && !version.labels.has(stage)) {
      throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
    }
    if (!version || version.value === undefined) {
      throw notFound(
        versionId === undefined
          ? `Secrets Manager can't find the specified secret value for staging label: ${label}`
          : `Secrets Manager can't find the specified secret value for VersionId: ${versionId}`,
      );
    }
    return version as Version & { value: Value };
  }

  /** Moves, attaches or removes a label; all checks come first, so that a refused call changes nothing. */
  moveLabel(secret: Secret, label: string, to: string | undefined, from: string | undefined): void {
    checkLabels([label]);
    if (to === undefined && from === undefined)
      throw invalidParameter('You must provide a version to move the staging label to, or to remove it from.');
    const held = holder(secret, label);
    const target = to === undefined ? undefined : secret.versions.get(to);
    for (const id of [to, from]) {
      if (id !== undefined && !secret.versions.has(id))
        throw notFound(`Secrets Manager can't find the specified secret version: ${id}`);
    }
    if (from !== undefined && held?.id !== from)
      throw invalidParameter(`The staging label ${label} is not attached to version ${from}.`);
    if (to === undefined && label === 'AWSCURRENT') {
      throw invalidParameter(
        "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
      );
    }
    if (from === undefined && held && held.id !== to) {
      throw invalidParameter(
        `The parameter RemoveFromVersionId can't be empty. Staging label ${label} is currently attached to version ${held.id}, ` +
          'so you must explicitly reference that version in RemoveFromVersionId.',
      );
    }
    if (!target) held?.labels.delete(label);
    else if (target !== held && target.labels.size >= MOST_LABELS) throw limitExceeded();
    else attach(secret, label, target);
  }
}

export function holder(secret: Secret, label: string): Version | undefined {
  return [...secret.versions.values()].find(({ labels }) => labels.has(label));
}

/** One label, one version. AWSCURRENT leaves AWSPREVIOUS behind, and what is current is not pending any more. */
function attach(secret: Secret, label: string, version: Version): void {
  const held = holder(secret, label);
  if (held === version) return;
  held?.labels.delete(label);
  version.labels.add(label);
  if (label !== 'AWSCURRENT') return;
  version.labels.delete('AWSPENDING');
  if (held) attach(secret, 'AWSPREVIOUS', held);
  else version.labels.delete('AWSPREVIOUS');
}

export function newToken(): string {
  return randomUUID();
}

export function checkToken(token: string): void {
  if (token.length < 32 || token.length > 64)
    throw invalidParameter('ClientRequestToken must be 32-64 characters long.');
}

function checkLabels(labels: readonly string[]): void {
  if (
    labels.length === 0 ||
    labels.length > MOST_LABELS ||
    labels.some((label) => label === '' || label.length > 256)
  ) {
    throw invalidParameter('VersionStages must hold 1 to 20 labels of 1 to 256 characters.');
  }
}

function limitExceeded(): Error {
  const error = invalidRequest('The version has too many staging labels.');
  return Object.assign(error, { name: 'LimitExceededException' });
}
