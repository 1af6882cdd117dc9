import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/once';

/** A block of Terraform's JSON. */
export type Section = Record<string, unknown>;

const named = (path: string, body: Section): Section => ({ '//': { metadata: { path: `fixture/${path}` } }, ...body });

/** A stack of a key, a secret and its seed, as CDKTF would write it. */
export function fixtureStack(): Section {
  return {
    terraform: {
      required_version: '>= 1.11',
      backend: { s3: { bucket: 'state', key: 'fixture.tfstate', region: 'eu-central-1' } },
      required_providers: {
        aws: { source: 'aws', version: '>= 6.26, < 7' },
        random: { source: 'hashicorp/random', version: '>= 3.7, < 4' },
      },
    },
    provider: { aws: [{ region: 'eu-central-1', allowed_account_ids: ['111122223333'] }], random: [{}] },
    ephemeral: { random_password: { seed: named('seed/password', { length: 40 }) } },
    resource: {
      aws_kms_key: { key: named('key', { description: 'first', enable_key_rotation: true }) },
      aws_secretsmanager_secret: { secret: named('secret', { name: 'a', kms_key_id: '${aws_kms_key.key.arn}' }) },
      aws_secretsmanager_secret_version: {
        seed: named('seed/version', {
          secret_id: '${aws_secretsmanager_secret.secret.id}',
          secret_string_wo: '${ephemeral.random_password.seed.result}',
          secret_string_wo_version: 1,
        }),
      },
    },
  };
}

/** A stack with one resource of each type of random. */
export function randomStack(): Section {
  const types: Readonly<Record<string, Section>> = {
    random_bytes: { length: 8 },
    random_id: { byte_length: 8 },
    random_integer: { min: 1, max: 9 },
    random_password: { length: 20, special: false },
    random_pet: {},
    random_shuffle: { input: ['a', 'b'] },
    random_string: { length: 12, numeric: false },
    random_uuid: {},
  };
  return {
    terraform: { required_providers: { random: { source: 'hashicorp/random', version: '>= 3.7, < 4' } } },
    provider: { random: [{}] },
    resource: Object.fromEntries(Object.entries(types).map(([type, body]) => [type, { one: named(type, body) }])),
  };
}

/** Writes an output folder of one stack named `fixture`. */
export function outputOf(json: Section): string {
  return outputOfAll({ fixture: json });
}

/** Writes an output folder of several stacks. */
export function outputOfAll(stacks: Readonly<Record<string, Section>>): string {
  const outdir = temporaryFolder('offline');
  const entries = Object.entries(stacks).map(([name, json]) => {
    const folder = join(outdir, 'stacks', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify(json, undefined, 2));
    writeFileSync(join(folder, 'metadata.json'), '{}');
    const entry = {
      name,
      constructPath: name,
      workingDirectory: `stacks/${name}`,
      synthesizedStackPath: `stacks/${name}/cdk.tf.json`,
      stackMetadataPath: `stacks/${name}/metadata.json`,
      annotations: [],
      dependencies: [],
    };
    return [name, entry] as const;
  });
  writeFileSync(join(outdir, 'manifest.json'), JSON.stringify({ stacks: Object.fromEntries(entries) }));
  return outdir;
}
