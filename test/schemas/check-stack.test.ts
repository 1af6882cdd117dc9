import { describe, expect, it } from 'vitest';
import { checkStack } from '../support/schemas/check-stack';
import { describeFinding } from '../support/schemas/finding';
import type { ProviderSchema, Schemas } from '../support/schemas/format';
import type { Body, StackFile, StackJson } from '../support/stack-file';

/** A small provider, in the format of the schema files, with one of everything. */
const TOY: ProviderSchema = {
  provider: 'toy',
  version: '1.0.0',
  config: { attributes: { address: { type: 'string', required: true } } },
  resources: {
    toy_box: {
      attributes: {
        id: { type: 'string', computed: true },
        name: { type: 'string', required: true },
        size: { type: 'number', optional: true },
        open: { type: 'bool', optional: true },
        tags: { type: ['map', 'string'], optional: true },
        labels: { type: ['set', 'string'], optional: true },
        old: { type: 'string', optional: true, deprecated: true },
        rules: { type: ['set', ['object', { port: 'number', note: 'string' }]], optional: true },
        pair: { type: ['tuple', ['string', 'number']], optional: true },
        password: { type: 'string', optional: true, sensitive: true },
        password_wo: { type: 'string', optional: true, sensitive: true, write_only: true },
        password_wo_version: { type: 'number', optional: true },
        lid: {
          nested: {
            nesting: 'list',
            attributes: { color: { type: 'string', required: true }, weight: { type: 'number', computed: true } },
          },
          optional: true,
        },
      },
      blocks: {
        wall: { attributes: { height: { type: 'number', required: true } }, nesting: 'list', min: 1, max: 2 },
        floor: { attributes: { wood: { type: 'bool', optional: true } }, nesting: 'single' },
        drawer: { attributes: { depth: { type: 'number', optional: true } }, nesting: 'map' },
        roof: { nesting: 'set', deprecated: true },
      },
    },
    toy_relic: { deprecated: true },
  },
  data_sources: {
    toy_shop: { attributes: { city: { type: 'string', optional: true }, open: { type: 'bool', computed: true } } },
  },
  ephemeral: {
    toy_secret: {
      attributes: {
        length: { type: 'number', required: true },
        result: { type: 'string', computed: true, sensitive: true },
      },
    },
  },
};

const SCHEMAS: Schemas = new Map([['toy', TOY]]);

/** A box with nothing wrong. */
const BOX = { name: 'box', wall: [{ height: 1 }], '//': { metadata: { path: 'stack/box', uniqueId: 'box' } } };

function stackOf(json: StackJson): StackFile {
  return {
    id: 'stack',
    folder: '',
    json: { terraform: { required_providers: { toy: { source: 'example/toy' } } }, ...json },
  };
}

function findings(json: StackJson): readonly string[] {
  return checkStack(stackOf(json), SCHEMAS).map(({ kind, address, path }) => `${kind} ${address} ${path}`.trim());
}

/** What is found in one box that differs from a good one. */
function inBox(difference: Body, rest: StackJson = {}): readonly string[] {
  const found = findings({ ...rest, resource: { toy_box: { box: { ...BOX, ...difference } } } });
  return found.map((line) => line.replace(' toy_box.box', ''));
}

describe('a stack that fits its schemas', () => {
  it('has no findings', () => {
    expect(
      findings({
        provider: { toy: [{ address: 'here', alias: 'other' }] },
        variable: { first: { ephemeral: true } },
        data: { toy_shop: { near: { city: 'x', provider: 'toy.other' } } },
        ephemeral: { toy_secret: { pin: { length: 4 } } },
        resource: {
          terraform_data: { guard: { triggers_replace: ['a', 1], input: { any: 'thing' } } },
          toy_box: {
            lone: BOX,
            box: {
              ...BOX,
              size: '12',
              open: 'true',
              tags: { a: 'b', n: 1 },
              labels: ['${toy_box.lone.name}'],
              rules: [{ port: 1, note: null }],
              pair: ['a', 1],
              password_wo: '${jsonencode({"pin" = ephemeral.toy_secret.pin.result, "first" = var.first})}',
              password_wo_version: 1,
              lid: [{ color: 'red' }],
              wall: [{ height: '${data.toy_shop.near.open ? 1 : 2}' }, { height: 2 }],
              floor: { wood: true },
              drawer: { top: { depth: 1 }, bottom: {} },
              roof: [],
              old: null,
              count: 2,
              provider: 'toy',
              depends_on: ['toy_box.lone', 'data.toy_shop.near'],
              lifecycle: { prevent_destroy: true, ignore_changes: ['tags', 'wall[0].height'] },
              provisioner: [{ 'local-exec': {} }],
            },
          },
        },
      }),
    ).toEqual([]);
  });

  it('may make its blocks from a collection', () => {
    expect(
      inBox({ wall: null, dynamic: { wall: { for_each: '${[1]}', content: [{ height: '${wall.value}' }] } } }),
    ).toEqual([]);
  });

  it('may use references wherever their type can become the wanted one', () => {
    expect(
      inBox({ size: '${toy_box.box.id}', open: 'no-${true}', tags: '${{}}', labels: '${[]}', rules: '${[]}' }),
    ).toEqual([]);
  });
});

describe('a mistake in a stack', () => {
  const mistakes: readonly (readonly [string, Body, string])[] = [
    ['an unknown argument', { colour: 'red' }, 'unknown-argument colour'],
    ['an unknown argument that is null', { colour: null }, 'unknown-argument colour'],
    ['an unknown argument in a block', { floor: { stone: true } }, 'unknown-argument floor.stone'],
    ['a missing argument', { name: null }, 'missing-argument name'],
    ['a missing argument in a block', { wall: [{ height: 1 }, {}] }, 'missing-argument wall[1].height'],
    ['a missing member of a nested attribute', { lid: [{}] }, 'missing-argument lid[0].color'],
    ['a word where a number belongs', { size: 'large' }, 'wrong-type size'],
    ['an empty string where a number belongs', { size: '' }, 'wrong-type size'],
    ['a number where true or false belongs', { open: 1 }, 'wrong-type open'],
    ['a list where a string belongs', { name: ['a'] }, 'wrong-type name'],
    ['a block where an attribute belongs', { size: [{ value: 1 }] }, 'wrong-type size'],
    ['a list where a map belongs', { tags: ['a'] }, 'wrong-type tags'],
    ['a wrong value in a map', { tags: { a: ['b'] } }, 'wrong-type tags.a'],
    ['a string where a set belongs', { labels: 'a' }, 'wrong-type labels'],
    ['text around an expression where a set belongs', { labels: 'a-${[]}' }, 'wrong-type labels'],
    ['an escaped expression where a number belongs', { size: '$${1}' }, 'wrong-type size'],
    ['a wrong element of a set', { labels: [['a']] }, 'wrong-type labels[0]'],
    ['a tuple of another length', { pair: ['a'] }, 'wrong-type pair'],
    ['an object where a list of them belongs', { lid: { color: 'red' } }, 'wrong-type lid'],
    ['a string in a list of nested objects', { lid: ['red'] }, 'wrong-type lid[0]'],
    ['an attribute of the provider', { id: 'x' }, 'read-only-argument id'],
    ['a nested attribute of the provider', { lid: [{ color: 'red', weight: 1 }] }, 'read-only-argument lid[0].weight'],
    ['an attribute where a block belongs', { floor: 'wood' }, 'block-expected floor'],
    ['a string among blocks', { wall: [{ height: 1 }, 'high'] }, 'block-expected wall[1]'],
    ['too few blocks', { wall: [] }, 'too-few-blocks wall'],
    ['too many blocks', { wall: [{ height: 1 }, { height: 2 }, { height: 3 }] }, 'too-many-blocks wall'],
    ['two of a single block', { floor: [{}, {}] }, 'too-many-blocks floor'],
    ['a wrong block made from a collection', { dynamic: { door: { content: {} } } }, 'unknown-argument door'],
    [
      'a wrong argument of such a block',
      { dynamic: { floor: { content: { stone: 1 } } } },
      'unknown-argument floor.stone',
    ],
    ['a deprecated argument', { old: 'x' }, 'deprecated old'],
    ['a deprecated block', { roof: [{}] }, 'deprecated roof'],
    ['an object without one of its keys', { rules: [{ port: 1 }] }, 'missing-key rules[0].note'],
    ['an object with a foreign key', { rules: [{ port: 1, note: null, x: 1 }] }, 'unknown-argument rules[0].x'],
    ['a secret that is written down', { password: 'hunter2' }, 'literal-value password'],
    [
      'a write-only value that is written down',
      { password_wo: 'hunter2', password_wo_version: 1 },
      'literal-value password_wo',
    ],
    ['a write-only value that is never written again', { password_wo: '${var.x}' }, 'write-only-version password_wo'],
    ['a reference to nothing', { name: '${toy_box.gone.id}' }, 'unknown-reference'],
    ['an order after nothing', { depends_on: ['data.toy_shop.gone'] }, 'unknown-reference'],
    [
      'a reference to an attribute that is not there',
      { name: 'a ${upper("${toy_box.box.colour}")}' },
      'unknown-reference',
    ],
    [
      'a misspelt lifecycle argument',
      { lifecycle: { prevent_destruction: true } },
      'lifecycle lifecycle.prevent_destruction',
    ],
    [
      'an ignored argument that is not there',
      { lifecycle: { ignore_changes: ['size', 'sice'] } },
      'lifecycle lifecycle.ignore_changes',
    ],
  ];

  it.each(mistakes)('is found: %s', (_name, difference, finding) => {
    expect(inBox(difference)).toEqual([finding]);
  });

  it('is found: an ephemeral value that would be stored', () => {
    const rest: StackJson = { ephemeral: { toy_secret: { pin: { length: 4 } } } };
    expect(inBox({ tags: { pin: 'x${ephemeral.toy_secret.pin.result}' } }, rest)).toEqual(['ephemeral-value tags']);
  });

  it('is found: an ephemeral variable that would be stored', () => {
    expect(inBox({ name: '${var.pin}' }, { variable: { pin: { ephemeral: true } } })).toEqual(['ephemeral-value name']);
  });

  it('is found: a type that the provider does not have', () => {
    expect(findings({ resource: { toy_bax: { x: {} } } })).toEqual(['unknown-type toy_bax.x']);
    expect(findings({ data: { toy_box: { x: {} } } })).toEqual(['unknown-type data.toy_box.x']);
    expect(findings({ ephemeral: { toy_shop: { x: {} } } })).toEqual(['unknown-type ephemeral.toy_shop.x']);
  });

  it('is found: a deprecated type', () => {
    expect(findings({ resource: { toy_relic: { x: {} } } })).toEqual(['deprecated toy_relic.x']);
  });

  it('is found: a provider without a schema', () => {
    expect(findings({ resource: { other_box: { x: {} } } })).toEqual(['no-schema other_box.x']);
  });

  it('is found in a provider, a data source and an ephemeral block', () => {
    expect(findings({ provider: { toy: [{ alias: 'a' }] } })).toEqual(['missing-argument provider.toy.a address']);
    expect(findings({ data: { toy_shop: { x: { lifecycle: { prevent_destroy: true } } } } })).toEqual([
      'lifecycle data.toy_shop.x lifecycle.prevent_destroy',
    ]);
    expect(findings({ ephemeral: { toy_secret: { x: { result: 'x', length: 1 } } } })).toEqual([
      'read-only-argument ephemeral.toy_secret.x result',
    ]);
  });

  it('is told with its construct, and without the value', () => {
    const [finding] = checkStack(stackOf({ resource: { toy_box: { box: { ...BOX, password: 'hunter2' } } } }), SCHEMAS);
    expect(finding && describeFinding(finding)).toBe(
      'stack: toy_box.box password is secret, and a value is written in the file (literal-value; stack/box)',
    );
  });
});
