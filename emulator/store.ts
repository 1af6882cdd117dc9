import { randomInt, randomUUID } from 'node:crypto';
import { exists, invalidParameter, invalidRequest, limitExceeded, notFound, ServiceError, violated } from './errors';
import type { RotationRules } from './schedule';

/** @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
const LARGEST_VALUE_BYTES = 65_536;
/** Over all versions of a secret. */
const MOST_LABELS = 20;
const LONGEST_LABEL = 256;
const MOST_VERSIONS = 100;
const YOUNGEST_TO_GO_MS = 24 * 3_600_000;

export interface Value {
  readonly text?: string;
  readonly binary?: string;
}

export interface Version {
  readonly id: string;
  /** Undefined while the version is a placeholder that a rotation has yet to fill. */
  value: Value | undefined;
  readonly labels: Set<string>;
  readonly created: number;
  accessed?: number;
  /** Whether a rotation registered it, and not a person's call. */
  readonly rotation: boolean;
}

export interface Rotation {
  enabled: boolean;
  lambdaArn?: string;
  rules?: RotationRules;
  lastRotated?: number;
  /** When the schedule was set: the first rotation is counted from here. */
  scheduled?: number;
  /** When somebody stored a current value, which counts as a rotation where days are counted. */
  renewed?: number;
  /** When the next window opens and closes. */
  next?: { readonly opens: number; readonly closes: number };
}

/** What a secret looked like until a moment. */
interface Past {
  readonly until: number;
  readonly versions: ReadonlyMap<string, Version>;
}

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly created: number;
  changed: number;
  accessed?: number;
  description?: string;
  kmsKeyId?: string;
  policy?: string;
  readonly tags: Map<string, string>;
  readonly replicas: Map<string, string | undefined>;
  readonly versions: Map<string, Version>;
  readonly rotation: Rotation;
  /** When it is gone for good. */
  deleted?: number;
  /** When AWSPENDING leaves the version that has become current. */
  pendingUntil?: number;
  past: Past[];
}

export interface TableOptions {
  readonly account: string;
  readonly region: string;
  readonly now: () => number;
  readonly staleReadsMs: () => number;
  readonly pendingLingersMs: () => number;
  readonly versionQuota: () => number | undefined;
}

/** The state and the rules of staging labels, without any protocol. */
export class SecretTable {
  private readonly secrets = new Map<string, Secret>();

  constructor(private readonly options: TableOptions) {}

  create(name: string): Secret {
    checkName(name);
    const other = this.named(name);
    if (other?.deleted !== undefined) {
      throw invalidRequest(
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
    }
    if (other) throw exists(`The operation failed because the secret ${name} already exists.`);
    const { now } = this.options;
    const secret: Secret = {
      arn: this.arnOf(name),
      name,
      created: now(),
      changed: now(),
      tags: new Map(),
      replicas: new Map(),
      versions: new Map(),
      rotation: { enabled: false },
      past: [],
    };
    this.secrets.set(secret.arn, secret);
    return secret;
  }

  get region(): string {
    return this.options.region;
  }

  /** Whether there is such a secret, even one that is scheduled for deletion. */
  has(id: string): boolean {
    return this.located(id) !== undefined;
  }

  /** Name and ARN that a secret of this id would have. */
  identityOf(id: string): { readonly ARN: string; readonly Name: string } {
    if (!id.startsWith('arn:')) return { ARN: this.arnOf(id), Name: id };
    return { ARN: id, Name: (id.split(':')[6] ?? '').replace(/-[A-Za-z0-9]{6}$/, '') };
  }

  private arnOf(name: string): string {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const suffix = Array.from({ length: 6 }, () => letters.charAt(randomInt(letters.length))).join('');
    const { region, account } = this.options;
    return `arn:aws:secretsmanager:${region}:${account}:secret:${name}-${suffix}`;
  }

  /** Every secret, in the order in which they were made. */
  all(): readonly Secret[] {
    for (const secret of this.secrets.values()) this.age(secret);
    return [...this.secrets.values()];
  }

  /** The secret of a name, if there is one. */
  named(name: string): Secret | undefined {
    return this.all().find((secret) => secret.name === name);
  }

  /** By ARN, ARN without its random end, or name. */
  find(id: string, options: { readonly deletedToo?: boolean } = {}): Secret {
    const secret = this.located(id);
    if (!secret) throw notFound();
    if (secret.deleted !== undefined && !options.deletedToo) {
      throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
    }
    return secret;
  }

  /** As time has left it by now. */
  private located(id: string): Secret | undefined {
    if (!id.startsWith('arn:')) checkName(id);
    const secret =
      this.secrets.get(id) ??
      [...this.secrets.values()].find(({ name, arn }) => name === id || arn.slice(0, -7) === id);
    if (secret) this.age(secret);
    return secret && this.secrets.get(secret.arn);
  }

  /** Without a recovery window the secret is gone at once. */
  remove(secret: Secret): void {
    this.secrets.delete(secret.arn);
  }

  /** Called before every change, so that reads can be behind it. */
  remember(secret: Secret): void {
    const lag = this.options.staleReadsMs();
    if (lag === 0) {
      secret.past = [];
      return;
    }
    const now = this.options.now();
    secret.past = secret.past.filter(({ until }) => until > now - lag);
    const versions = [...secret.versions].map(
      ([id, version]) => [id, { ...version, labels: new Set(version.labels) }] as const,
    );
    secret.past.push({ until: now, versions: new Map(versions) });
  }

  /** The versions as a read sees them: those of some time ago where reads are behind. */
  seen(secret: Secret): ReadonlyMap<string, Version> {
    const moment = this.options.now() - this.options.staleReadsMs();
    return secret.past.find(({ until }) => until > moment)?.versions ?? secret.versions;
  }

  /** Stores a value under a version, with its labels; nothing changes if anything is wrong. */
  put(secret: Secret, token: string, value: Value, labels: readonly string[]): Version {
    checkToken(token);
    if (labels.length === 0) throw violated('versionStages', 'have length greater than or equal to 1');
    if (labels.length > MOST_LABELS)
      throw violated('versionStages', `have length less than or equal to ${MOST_LABELS}`);
    for (const label of labels)
      checkLabel(label, 'versionStages', (rule) => `satisfy constraint: [Member must ${rule}]`);
    checkSize(value);
    const known = secret.versions.get(token);
    if (known?.value) {
      if (known.value.text === value.text && known.value.binary === value.binary) return known;
      throw tokenInUse(secret, token);
    }
    // The first version is the current one, whatever else it is called.
    const all = new Set(secret.versions.size === 0 ? [...labels, 'AWSCURRENT'] : labels);
    checkRoom(secret, all);
    if (!known && secret.versions.size >= (this.options.versionQuota() ?? Number.POSITIVE_INFINITY)) {
      throw limitExceeded();
    }
    this.remember(secret);
    const version = known ?? this.add(secret, token, false);
    version.value = value;
    for (const label of all) this.attach(secret, label, version);
    // A new current value ends what was pending beside it.
    const pending = holder(secret, 'AWSPENDING');
    if (all.has('AWSCURRENT') && pending !== version) pending?.labels.delete('AWSPENDING');
    secret.changed = this.options.now();
    return version;
  }

  /** A version without a value, as a rotation registers it. */
  placeholder(secret: Secret, token: string): Version {
    return this.add(secret, token, true);
  }

  private add(secret: Secret, id: string, rotation: boolean): Version {
    const version: Version = { id, value: undefined, labels: new Set(), created: this.options.now(), rotation };
    secret.versions.set(id, version);
    return version;
  }

  /** The version that has a value, by id, label or both. */
  read(secret: Secret, versionId: string | undefined, stage: string | undefined): Version & { value: Value } {
    const label = stage ?? 'AWSCURRENT';
    const versions = this.seen(secret);
    const version = versionId === undefined ? holderAmong(versions, label) : versions.get(versionId);
    if (versionId !== undefined && version && stage !== undefined && !version.labels.has(stage)) {
      throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
    }
    if (!version || version.value === undefined) {
      throw notFound(
        versionId === undefined || stage !== undefined
          ? `Secrets Manager can't find the specified secret value for staging label: ${label}`
          : `Secrets Manager can't find the specified secret value for VersionId: ${versionId}`,
      );
    }
    return version as Version & { value: Value };
  }

  /** Moves, attaches or removes a label; all checks come first, so that a refused call changes nothing. */
  moveLabel(secret: Secret, label: string, to: string | undefined, from: string | undefined): void {
    checkLabel(label, 'versionStage');
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
    if (target) checkRoom(secret, new Set([label]));
    this.remember(secret);
    if (target) this.attach(secret, label, target);
    else held?.labels.delete(label);
    secret.changed = this.options.now();
  }

  /**
   * One label, one version. AWSCURRENT leaves AWSPREVIOUS behind, and the version of a rotation is not pending any more
   * when it is current; one that was stored as pending by hand stays so, as recorded on AWS.
   */
  private attach(secret: Secret, label: string, version: Version): void {
    const held = holder(secret, label);
    if (held === version) return;
    held?.labels.delete(label);
    version.labels.add(label);
    if (label === 'AWSPENDING') delete secret.pendingUntil;
    if (label !== 'AWSCURRENT') return;
    if (version.rotation && version.labels.has('AWSPENDING')) this.endPending(secret, version);
    if (held) this.attach(secret, 'AWSPREVIOUS', held);
    else version.labels.delete('AWSPREVIOUS');
  }

  private endPending(secret: Secret, version: Version): void {
    const lingers = this.options.pendingLingersMs();
    if (lingers === 0) version.labels.delete('AWSPENDING');
    else secret.pendingUntil = this.options.now() + lingers;
  }

  /** What time alone does to a secret. */
  private age(secret: Secret): void {
    const now = this.options.now();
    if (secret.deleted !== undefined && secret.deleted <= now) this.remove(secret);
    if (secret.pendingUntil !== undefined && secret.pendingUntil <= now) {
      delete secret.pendingUntil;
      holder(secret, 'AWSPENDING')?.labels.delete('AWSPENDING');
    }
    let tooMany = secret.versions.size - MOST_VERSIONS;
    for (const version of secret.versions.values()) {
      if (tooMany <= 0) break;
      if (version.labels.size > 0 || version.created > now - YOUNGEST_TO_GO_MS) continue;
      secret.versions.delete(version.id);
      tooMany--;
    }
  }
}

export function holder(secret: Secret, label: string): Version | undefined {
  return holderAmong(secret.versions, label);
}

function holderAmong(versions: ReadonlyMap<string, Version>, label: string): Version | undefined {
  return [...versions.values()].find(({ labels }) => labels.has(label));
}

export function newToken(): string {
  return randomUUID();
}

export function checkToken(token: string): void {
  if (token.length < 32 || token.length > 64)
    throw invalidParameter('ClientRequestToken must be 32-64 characters long.');
}

function checkLabel(label: string, member: string, worded = (rule: string) => rule): void {
  if (label.length === 0) throw violated(member, worded('have length greater than or equal to 1'));
  if (label.length > LONGEST_LABEL)
    throw violated(member, worded(`have length less than or equal to ${LONGEST_LABEL}`));
}

export function tokenInUse(secret: Secret, token: string): Error {
  return exists(
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${secret.arn}.`,
  );
}

function checkName(name: string): void {
  if (/^[A-Za-z0-9/_+=.@!-]{1,512}$/.test(name)) return;
  throw new ServiceError(
    'ValidationException',
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  );
}

function checkSize({ text, binary }: Value): void {
  const member = text === undefined ? 'secretBinary' : 'secretString';
  const bytes = Buffer.byteLength(text ?? binary ?? '', text === undefined ? 'base64' : 'utf8');
  if (bytes === 0) throw violated(member, 'have length greater than or equal to 1');
  if (bytes > LARGEST_VALUE_BYTES) throw violated(member, `have length less than or equal to ${LARGEST_VALUE_BYTES}`);
}

/** Whether a secret may have these labels besides what it has; AWSCURRENT leaves AWSPREVIOUS where it was. */
function checkRoom(secret: Secret, labels: ReadonlySet<string>): void {
  const held = [...secret.versions.values()].flatMap((version) => [...version.labels]);
  const left = labels.has('AWSCURRENT') && held.includes('AWSCURRENT') ? ['AWSPREVIOUS'] : [];
  if (new Set([...held, ...labels, ...left]).size > MOST_LABELS) throw limitExceeded();
}
