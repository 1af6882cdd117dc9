import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asObjects, asTexts, literal, readStacks, referredBlock, stackModel } from '../../review/model';
import { temporaryFolder } from '../support/core-environment';
import { stackWith } from './support';

describe('stackModel', () => {
  it('knows resources, data sources and ephemeral blocks with address, type and construct path', () => {
    const metadata = { metadata: { path: 'prod-myapp-aws/keys/key', uniqueId: 'keys_key' } };
    const stack = stackModel('prod-myapp-aws', {
      resource: { aws_kms_key: { keys_key: { description: 'a', '//': metadata } } },
      data: { aws_region: { here: {} } },
      ephemeral: { random_password: { pw: { length: 32 } } },
    });
    expect(stack.blocks.map(({ mode, address, path, body }) => [mode, address, path, body])).toEqual([
      ['resource', 'aws_kms_key.keys_key', 'prod-myapp-aws/keys/key', { description: 'a' }],
      ['data', 'data.aws_region.here', 'data.aws_region.here', {}],
      ['ephemeral', 'ephemeral.random_password.pw', 'ephemeral.random_password.pw', { length: 32 }],
    ]);
  });

  it('reads the environment from an id of Strongroom, and from no other', () => {
    const environment = (id: string) => stackModel(id, {}).environment;
    expect(environment('prod-myapp-aws')).toBe('prod');
    expect(environment('dev-my-app-azure-values')).toBe('dev');
    expect(environment('network')).toBeUndefined();
    expect(environment('prod-network')).toBeUndefined();
  });

  it('takes a provider for a list, however it is written', () => {
    const providers = (json: { readonly [key: string]: string }[] | { readonly [key: string]: string }) =>
      stackModel('a', { provider: { aws: json } }).providers['aws'];
    expect(providers([{ region: 'a' }, { region: 'b' }])).toHaveLength(2);
    expect(providers({ region: 'a' })).toEqual([{ region: 'a' }]);
  });
});

describe('literal', () => {
  const stack = stackWith({
    'vault_mount.kv': { path: 'prod-secret' },
    'vault_thing.a': { mount: '${vault_mount.kv.path}', loop: '${vault_thing.a.loop}' },
  });

  it('follows references to the texts that they lead to', () => {
    expect(literal(stack, '${vault_thing.a.mount}/data/x')).toBe('prod-secret/data/x');
  });

  it('keeps what only a provider knows, and does not follow a circle for ever', () => {
    expect(literal(stack, '${vault_mount.kv.accessor}')).toBe('${vault_mount.kv.accessor}');
    expect(literal(stack, '${vault_thing.a.loop}')).toBe('${vault_thing.a.loop}');
  });

  it('is nothing for what is no text', () => {
    expect(literal(stack, 3)).toBeUndefined();
  });
});

describe('referredBlock', () => {
  const stack = stackWith({ 'aws_iam_role.task': { name: 'x' } });

  it('finds the resource of a text that is one reference', () => {
    expect(referredBlock(stack, '${aws_iam_role.task.id}')?.address).toBe('aws_iam_role.task');
    expect(referredBlock(stack, '${aws_iam_role.task.list[0].id}')?.address).toBe('aws_iam_role.task');
  });

  it('finds nothing for a text with more in it, or a resource of another stack', () => {
    expect(referredBlock(stack, 'a ${aws_iam_role.task.id}')).toBeUndefined();
    expect(referredBlock(stack, '${aws_iam_role.other.id}')).toBeUndefined();
  });
});

describe('asObjects and asTexts', () => {
  it('take one for a list of one, and nothing for an empty list', () => {
    expect(asObjects({ a: 1 })).toEqual([{ a: 1 }]);
    expect(asObjects(undefined)).toEqual([]);
    expect(asTexts('a')).toEqual(['a']);
    expect(asTexts(['a', 1, 'b'])).toEqual(['a', 'b']);
  });
});

describe('readStacks', () => {
  it('reads the stacks that the manifest names, in its order, and no other', () => {
    const folder = temporaryFolder();
    for (const id of ['b', 'a', 'stale']) {
      mkdirSync(join(folder, 'stacks', id), { recursive: true });
      writeFileSync(join(folder, 'stacks', id, 'cdk.tf.json'), '{"resource":{"x_y":{"z":{}}}}');
    }
    const stacks = Object.fromEntries(
      ['b', 'a'].map((id) => [id, { synthesizedStackPath: `stacks/${id}/cdk.tf.json` }]),
    );
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ stacks }));
    expect(readStacks(folder).map(({ id, blocks }) => [id, blocks.length])).toEqual([
      ['b', 1],
      ['a', 1],
    ]);
  });
});
