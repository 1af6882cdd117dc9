import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { childEnvironment, engineConfiguration } from '../../offline/environment';
import { pluginFolders, pluginsOf } from '../../offline/plugins';
import { run } from '../../offline/process';
import { exportSchema, readSchemaBytes, schemaBytes } from '../../offline/schema-export';
import { schemaInFolder } from '../../offline/stand-in/schemas';
import { temporaryFolder } from '../support/once';
import { canRun } from '../support/required';
import { engineAtHand, HAS_ENGINE } from './needs-engine';

const SOURCE = 'registry.example.com/acme/toy';

/** What an engine prints for a small provider with one of everything. */
const PRINTED = {
  format_version: '1.0',
  provider_schemas: {
    [SOURCE]: {
      provider: { version: 0, block: { attributes: { address: { type: 'string', required: true } } } },
      resource_schemas: {
        toy_box: {
          version: 3,
          block: {
            deprecated: true,
            attributes: {
              name: { type: 'string', description: 'The name', description_kind: 'plain', required: true },
              key: { type: 'string', optional: true, sensitive: true, write_only: true, computed: false },
              lid: {
                nested_type: { nesting_mode: 'list', attributes: { color: { type: 'string', computed: true } } },
                optional: true,
              },
            },
            block_types: {
              wall: {
                nesting_mode: 'set',
                min_items: 1,
                max_items: 4,
                block: { attributes: { height: { type: 'number', optional: true, deprecated: true } } },
              },
            },
          },
        },
      },
      functions: {
        join: {
          return_type: 'string',
          parameters: [{ name: 'separator', type: 'string', is_nullable: true }],
          variadic_parameter: { name: 'parts', type: ['list', 'string'] },
        },
      },
    },
  },
};

describe('the compact form of a schema', () => {
  it('keeps types, flags and counts, and no descriptions', () => {
    expect(exportSchema(PRINTED, SOURCE, '1.2.3')).toEqual({
      format: 1,
      provider: 'toy',
      version: '1.2.3',
      config: { attributes: { address: { type: 'string', required: true } } },
      resources: {
        toy_box: {
          version: 3,
          deprecated: true,
          attributes: {
            name: { type: 'string', required: true },
            key: { type: 'string', optional: true, sensitive: true, write_only: true },
            lid: {
              nested: { nesting: 'list', attributes: { color: { type: 'string', computed: true } } },
              optional: true,
            },
          },
          blocks: {
            wall: {
              nesting: 'set',
              min: 1,
              max: 4,
              attributes: { height: { type: 'number', optional: true, deprecated: true } },
            },
          },
        },
      },
      data_sources: {},
      ephemeral: {},
      functions: {
        join: {
          params: [['separator', 'string', 'nullable']],
          variadic: ['parts', ['list', 'string']],
          returns: 'string',
        },
      },
    });
  });

  it('has the same bytes whatever the order of its keys', () => {
    const schema = exportSchema(PRINTED, SOURCE, '1.2.3');
    const turned = Object.fromEntries(Object.entries(schema).reverse()) as unknown as typeof schema;
    expect(schemaBytes(turned).equals(schemaBytes(schema))).toBe(true);
  });

  it('is read back as it was written', () => {
    const schema = exportSchema(PRINTED, SOURCE, '1.2.3');
    expect(readSchemaBytes(schemaBytes(schema))).toEqual(schema);
  });

  it('is found in a folder by name and version', () => {
    const folder = temporaryFolder('schemas');
    for (const version of ['1.2.3', '2.0.0']) {
      writeFileSync(join(folder, `toy-${version}.json.gz`), schemaBytes(exportSchema(PRINTED, SOURCE, version)));
    }
    expect(schemaInFolder(folder, 'toy', '< 2')?.version).toBe('1.2.3');
  });

  it('of another format is refused, with its file', () => {
    const folder = temporaryFolder('schemas');
    writeFileSync(join(folder, 'toy-1.0.0.json.gz'), gzipSync('{"format":2}'));
    expect(() => schemaInFolder(folder, 'toy', '')).toThrow(
      /toy-1\.0\.0\.json\.gz can't be read: it has format 2, known is 1/,
    );
  });

  it('that is cut off is refused, with its file', () => {
    const folder = temporaryFolder('schemas');
    writeFileSync(join(folder, 'toy-1.0.0.json.gz'), gzipSync('{"format":1}').subarray(0, 15));
    expect(() => schemaInFolder(folder, 'toy', '')).toThrow(/toy-1\.0\.0\.json\.gz can't be read/);
  });

  it('is not made from output of an unknown form', () => {
    expect(() => exportSchema({ ...PRINTED, format_version: '2.0' }, SOURCE, '1')).toThrow(
      'the schemas have form 2.0, known is 1',
    );
  });

  it('is not made of a provider that was not printed', () => {
    expect(() => exportSchema(PRINTED, 'a/b/c', '1')).toThrow('the schemas hold no provider a/b/c');
  });
});

const AWS = { source: 'registry.terraform.io/hashicorp/aws', version: '5.100.0' };
const file = join(process.env['STRONGROOM_SCHEMAS'] ?? '', `aws-${AWS.version}.json.gz`);
const plugin = pluginsOf(AWS.source, pluginFolders(process.env)).find(({ version }) => version === AWS.version);
const runs =
  HAS_ENGINE &&
  canRun('schemas', existsSync(file) ? undefined : 'STRONGROOM_SCHEMAS names no folder with provider schemas') &&
  canRun('detached', plugin === undefined ? `the plugin aws ${AWS.version} is not at hand` : undefined);

it.runIf(runs)(
  'the real aws plugin exports to its schema file, but for what replaces',
  { timeout: 120_000 },
  async () => {
    const exported = exportSchema(await printedByPlugin(), AWS.source, AWS.version);
    expect(withoutReplacement(exported)).toEqual(withoutReplacement(readSchemaBytes(readFileSync(file))));
  },
);

async function printedByPlugin(): Promise<unknown> {
  const { binary } = await engineAtHand();
  const root = temporaryFolder('schemas');
  const mirror = plugin?.folder.slice(0, plugin.folder.indexOf(AWS.source)) ?? '';
  mkdirSync(join(root, 'home'));
  writeFileSync(join(root, 'engine.rc'), engineConfiguration(mirror));
  writeFileSync(join(root, 'main.tf.json'), JSON.stringify({ terraform: { required_providers: { aws: AWS } } }));
  const env = childEnvironment({ root, reattach: {}, plugins: {} });
  const options = { cwd: root, env, timeout: 100_000 };
  await run(binary, ['init', '-input=false'], options);
  return JSON.parse((await run(binary, ['providers', 'schema', '-json'], options)).stdout);
}

/** What the engine does not print: flags of replacement. An attribute may have the same name, so only flags go. */
function withoutReplacement(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutReplacement);
  if (typeof value !== 'object' || value === null) return value;
  const flag = (key: string, one: unknown) =>
    /^(replace|replace_from|custom_diff)$/.test(key) && typeof one !== 'object';
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) => (flag(key, one) ? [] : [[key, withoutReplacement(one)]])),
  );
}
