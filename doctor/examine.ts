import { LABELS, type LoginOutcome, type SecretFacts, type VersionFacts } from './diagnose';

/** More wrong passwords could lock the user out, or look like an attack. */
export const MOST_LOGINS = 3;

/** A secret's metadata, as DescribeSecret tells it. */
export interface Description {
  readonly arn: string;
  readonly labels: Readonly<Record<string, readonly string[]>>;
  readonly kmsKeyId?: string;
  readonly rotationEnabled?: boolean;
  readonly deletedAt?: number;
  readonly nextRotation?: number;
}

/** A version's text, or why there is none. */
export type Reading = { readonly text: string } | { readonly unreadable: NonNullable<VersionFacts['unreadable']> };

/** What the doctor asks of the world: it can't change anything with it. */
export interface Instruments {
  describe(secretId: string): Promise<Description>;
  read(secretArn: string, versionId: string): Promise<Reading>;
  login(secretText: string): Promise<LoginOutcome>;
  now(): number;
  /** Hears what comes next, in a few words without any value. @default nobody does */
  tell?(next: string): void;
}

/** Reads labels and metadata and tries as few logins as it needs, never more than three. */
export async function examine(secretId: string, instruments: Instruments): Promise<SecretFacts> {
  instruments.tell?.(`reading the labels of ${secretId}`);
  const description = await instruments.describe(secretId);
  const facts = (versions: readonly VersionFacts[]): SecretFacts => ({
    id: description.arn,
    versions,
    now: instruments.now(),
    ...(description.kmsKeyId === undefined ? {} : { kmsKeyId: description.kmsKeyId }),
    ...(description.rotationEnabled === undefined ? {} : { rotationEnabled: description.rotationEnabled }),
    ...(description.deletedAt === undefined ? {} : { deletedAt: description.deletedAt }),
    ...(description.nextRotation === undefined ? {} : { nextRotation: description.nextRotation }),
  });
  const labelled = Object.entries(description.labels).map(([id, labels]): VersionFacts => ({ id, labels }));
  // The values of a deleted secret cannot be read.
  if (description.deletedAt !== undefined) return facts(labelled);
  const found = new Map(labelled.map((version) => [version.id, version]));
  let logins = 0;
  for (const label of LABELS) {
    const version = labelled.find(({ labels }) => labels.includes(label));
    if (!version || found.get(version.id) !== version) continue;
    if (label !== 'AWSCURRENT' && label !== 'AWSPENDING' && anyAccepted(found)) continue;
    instruments.tell?.(`reading ${label}`);
    const reading = await instruments.read(description.arn, version.id);
    if ('unreadable' in reading) {
      found.set(version.id, { ...version, unreadable: reading.unreadable });
      continue;
    }
    if (logins >= MOST_LOGINS) continue;
    instruments.tell?.(`trying the login of ${label}`);
    const login = await instruments.login(reading.text);
    if (login.kind !== 'not tried') logins++;
    found.set(version.id, { ...version, login });
  }
  return facts([...found.values()]);
}

function anyAccepted(found: ReadonlyMap<string, VersionFacts>): boolean {
  return [...found.values()].some(({ login }) => login?.kind === 'accepted');
}
