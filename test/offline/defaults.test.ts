import { expect, it } from 'vitest';
import type { BlockSchema } from '../../offline/schema';
import { defaultTagsOf } from '../../offline/stand-in/aws-tags';
import { DEFAULTS, defaultsOf, sortedJson, type TypeDefaults } from '../../offline/stand-in/defaults';
import { planChange } from '../../offline/stand-in/planning';
import { UNKNOWN } from '../../offline/stand-in/value';

const SCHEMA: BlockSchema = {
  attributes: {
    kind: { type: 'string', optional: true },
    other: { type: 'string', optional: true },
    json: { type: 'string', optional: true },
    tags: { type: ['map', 'string'], optional: true },
    tags_all: { type: ['map', 'string'], optional: true, computed: true },
  },
  blocks: { rule: { nesting: 'list', attributes: { on: { type: 'bool', optional: true } } } },
};
const defaults: TypeDefaults = new Map([
  ['kind', { kind: 'planned', value: 'plain' }],
  ['rule.on', { kind: 'planned', value: false }],
  ['other', { kind: 'follows', value: { argument: 'kind', otherwise: 'plain' } }],
  ['json', { kind: 'sorted-json', value: undefined }],
]);

function planned(config: object, prior: object | null = null, defaultTags = {}) {
  const given = { kind: null, other: null, json: null, tags: null, tags_all: null, rule: [], ...config };
  return planChange(SCHEMA, prior, given, given, { defaults, defaultTags }).state;
}

it('plans a default where nothing is configured, in a block too', () => {
  expect(planned({ rule: [{ on: null }] })).toMatchObject({ kind: 'plain', rule: [{ on: false }] });
});

it('plans a default for a resource that is there already', () => {
  const before = { kind: 'other', json: null, tags: null, tags_all: {}, rule: [] };
  expect(planned({}, before)).toMatchObject({ kind: 'plain' });
});

it('plans what another argument has for one that follows it', () => {
  expect(planned({ kind: 'own' })).toMatchObject({ other: 'own' });
  expect(planned({ kind: UNKNOWN })).toMatchObject({ other: UNKNOWN });
  expect(planned({})).toMatchObject({ other: 'plain' });
  expect(planned({ kind: 'own', other: 'else' })).toMatchObject({ other: 'else' });
});

it('leaves what is configured', () => {
  expect(planned({ kind: 'own', rule: [{ on: true }] })).toMatchObject({ kind: 'own', rule: [{ on: true }] });
});

it('writes JSON with sorted keys, and nothing else anew', () => {
  expect(planned({ json: '{"b": [{"d":1,"c":"<"}], "a": 2}' })).toMatchObject({
    json: '{"a":2,"b":[{"c":"\\u003c","d":1}]}',
  });
  expect(sortedJson('no JSON')).toBe('no JSON');
});

it("plans the provider's tags under those of the resource", () => {
  expect(planned({ tags: { b: 'own' } }, null, { a: '1', b: '2' })).toMatchObject({ tags_all: { a: '1', b: 'own' } });
});

it('does not know all tags while one is unknown', () => {
  expect(planned({ tags: { b: UNKNOWN } }, null, { a: '1' })).toMatchObject({ tags_all: UNKNOWN });
  expect(planned({})).toMatchObject({ tags_all: UNKNOWN });
});

it('reads the tags of a provider block', () => {
  expect(defaultTagsOf({ default_tags: [{ tags: { a: '1' } }] })).toEqual({ a: '1' });
  expect(defaultTagsOf({ default_tags: [] })).toBeUndefined();
});

it('has one row for each argument, with its source', () => {
  const paths = DEFAULTS.map(({ type, path }) => `${type}.${path}`);
  expect(paths).toEqual([...new Set(paths)]);
  expect(
    DEFAULTS.filter(
      ({ source }) => !/^(provider's plan|compiled schema|source), (aws|azurerm|random|vault) \d/.test(source),
    ),
  ).toEqual([]);
  expect(defaultsOf('aws_kms_key').get('is_enabled')).toEqual({ kind: 'planned', value: true });
});
