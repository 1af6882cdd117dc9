import type { Input } from '../../../emulator/input';
import type { RotationRecord } from '../../../emulator/rotation-driver';
import type { SecretsManagerService } from '../../../emulator/service';
import { DAY } from '../../emulator/support';
import type { Rig } from './rig';

/** How often a secret is rotated: more than the service keeps labels for. */
export const ROTATIONS = 20;

/** What the service keeps of a secret's versions. @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/getting-started.html */
export const MOST_VERSIONS = 100;

/** How often a person writes, so that there are more versions than the service keeps. */
const WRITES = MOST_VERSIONS;

/** A secret version that Terraform wrote. */
export interface Seed {
  readonly secret: string;
  readonly version: string;
}

export function seedsOf({ workspace }: Rig): readonly Seed[] {
  return workspace
    .state()
    .filter(({ type }) => type === 'aws_secretsmanager_secret_version')
    .map(({ attributes }) => ({ secret: String(attributes.secret_id), version: String(attributes.version_id) }));
}

/** The secrets that rotate. */
export function rotatedSecrets({ workspace }: Rig): readonly string[] {
  return workspace
    .state()
    .filter(({ type }) => type === 'aws_secretsmanager_secret_rotation')
    .map(({ attributes }) => String(attributes.secret_id));
}

/** What came of a secret's rotations, in order. */
export type Outcomes = ReadonlyMap<string, readonly string[]>;

/** Waits for the rotations that the stack itself has started. */
export async function firstRotations(rig: Rig): Promise<Outcomes> {
  const { driver } = rig.manager.service;
  for (const secret of rotatedSecrets(rig)) await driver.settled(secret);
  return outcomesOf(rig, driver.records);
}

/** Lets the schedules that the stack has set come true, by the clock of the service. */
export async function rotateBySchedule(rig: Rig): Promise<Outcomes> {
  const { service } = rig.manager;
  const secrets = rotatedSecrets(rig);
  const before = service.driver.records.length;
  await service.advance(ROTATIONS * Math.max(...(await Promise.all(secrets.map((one) => periodOf(service, one))))));
  return outcomesOf(rig, service.driver.records.slice(before));
}

function outcomesOf(rig: Rig, records: readonly RotationRecord[]): Outcomes {
  const ended = (secret: string) =>
    records
      .filter(({ secretArn, name }) => secretArn === secret && name !== 'RotationStarted')
      .map(({ name, error }) => (error === undefined ? name : `${name}: ${error}`));
  return new Map(rotatedSecrets(rig).map((secret) => [secret, ended(secret)]));
}

async function periodOf(service: SecretsManagerService, secret: string): Promise<number> {
  const { RotationRules } = await service.call('DescribeSecret', { SecretId: secret });
  const { AutomaticallyAfterDays: days } = RotationRules as { readonly AutomaticallyAfterDays?: number };
  if (days === undefined) throw new Error(`${secret} is not rotated by days`);
  return days * DAY;
}

/** Writes to every secret by hand, as a person who adds a note, until old versions go; then they go. */
export async function writeByHand({ manager: { service }, workspace }: Rig): Promise<void> {
  const secrets = workspace.state().filter(({ type }) => type === 'aws_secretsmanager_secret');
  for (const { attributes } of secrets) {
    const SecretId = String(attributes.arn);
    const { VersionIdsToStages: labels } = await service.call('DescribeSecret', { SecretId });
    const current = Object.keys(labels as object).length === 0 ? '' : await readValue(service, { SecretId });
    for (let write = 0; write < WRITES; write++)
      await service.call('PutSecretValue', { SecretId, SecretString: noted(current, `by hand ${write}`) });
  }
  await service.advance(2 * DAY);
}

function noted(value: string, note: string): string {
  return value.startsWith('{') ? JSON.stringify({ ...(JSON.parse(value) as object), note }) : note;
}

export async function readValue(service: SecretsManagerService, which: Input): Promise<string> {
  return String((await service.call('GetSecretValue', which)).SecretString);
}

/** The password in a value, which may be nothing but one. */
export function passwordIn(value: string): string {
  return value.startsWith('{') ? (JSON.parse(value) as { readonly password: string }).password : value;
}

/** Labels by version, of every version that is still there. */
export async function labelsOf(
  service: SecretsManagerService,
  SecretId: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  let more: Input = {};
  for (;;) {
    const answer = await service.call('ListSecretVersionIds', { SecretId, IncludeDeprecated: true, ...more });
    const versions = answer.Versions as readonly { readonly VersionId: string; readonly VersionStages?: string[] }[];
    for (const { VersionId, VersionStages = [] } of versions) found.set(VersionId, VersionStages);
    if (answer.NextToken === undefined) return found;
    more = { NextToken: answer.NextToken };
  }
}
