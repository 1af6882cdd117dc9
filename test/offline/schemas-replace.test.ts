import { describe, expect, it } from 'vitest';
import { type BlockSchema, replaceAt } from '../../offline/schema';
import { onlyUsed } from '../../offline/stand-in/schemas';

const TYPE: BlockSchema = {
  attributes: {
    name: { type: 'string', required: true, replace: true },
    path: { type: 'string', optional: true, replace: 'if' },
    note: { type: 'string', optional: true, replace: false },
    size: { type: 'number', optional: true },
  },
  blocks: {
    wall: {
      nesting: 'list',
      replace: 'if',
      attributes: {
        height: { type: 'number', optional: true, replace: true },
        color: { type: 'string', optional: true },
      },
    },
  },
};

describe('what a change does to a resource', () => {
  it.each([
    [['name'], true],
    [['path'], 'if'],
    [['note'], false],
    [['wall'], 'if'],
    [['wall', 0, 'height'], true],
    [['wall', '0', 'height'], true],
  ])('is known of %j', (path, replace) => {
    expect(replaceAt(TYPE, path)).toBe(replace);
  });

  it.each([[['size']], [['wall', 0, 'color']], [['gone']], [['gone', 'deep']], [[]]])('is unknown of %j', (path) => {
    expect(replaceAt(TYPE, path)).toBeUndefined();
  });

  it.each([[['size']], [['wall', 0, 'color']]])('is in place of %j when the provider was compiled so', (path) => {
    expect(replaceAt({ ...TYPE, replace_from: 'source' }, path)).toBe(false);
  });
});

describe('a schema file that does not know what replaces', () => {
  const bare = {
    provider: 'aws',
    version: '5.100.0',
    config: {},
    data_sources: {},
    ephemeral: {},
    resources: {
      aws_kms_key: { attributes: { key_usage: { type: 'string', optional: true } } },
      aws_kms_alias: { attributes: { name: { type: 'string', optional: true } }, replace_from: 'experiment' },
    },
  } as const;
  const used = {
    resources: new Set(['aws_kms_key', 'aws_kms_alias']),
    data_sources: new Set(''),
    ephemeral: new Set(''),
  };

  it('gets that from the tables', () => {
    expect(onlyUsed(bare, used).resources['aws_kms_key']?.attributes?.['key_usage']?.replace).toBe(true);
  });

  it('keeps its own flags where it has some', () => {
    expect(onlyUsed(bare, used).resources['aws_kms_alias']).toEqual(bare.resources.aws_kms_alias);
  });
});
