import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pluginSchema } from '../../offline/against-schema';
import { Providers } from '../../offline/providers';
import type { Serving } from '../../offline/serving';
import { readSynthesized } from '../../offline/synthesized';
import { temporaryFolder } from '../support/once';
import { fixtureStack, outputOf } from './fixture';
import { engineAtHand } from './needs-engine';
import { AWS_VERSION, HAS_AWS } from './plugins-at-hand';

describe.runIf(HAS_AWS)('the schema of a plugin', { timeout: 120_000 }, () => {
  async function serving(): Promise<Serving> {
    const stacks = readSynthesized(outputOf(fixtureStack()));
    const providers = new Providers(stacks, { env: process.env, allowed: { aws: AWS_VERSION } });
    const servings = stacks[0] === undefined ? [] : await providers.serve(stacks[0]);
    await providers.stop();
    const aws = servings.find(({ provider }) => provider.type === 'aws');
    if (aws === undefined) throw new Error('the fixture has no aws');
    return aws;
  }

  const fileOf = (cache: string) =>
    join(cache, 'strongroom/schemas/registry.terraform.io/hashicorp/aws', `${AWS_VERSION}.json.gz`);

  it('is asked for once, then read from the cache', async () => {
    const cache = temporaryFolder('cache');
    const env = { ...process.env, XDG_CACHE_HOME: cache };
    const first = await pluginSchema(await engineAtHand(), await serving(), env);
    expect(first.resources['aws_kms_key']?.attributes?.['arn']).toEqual({ type: 'string', computed: true });
    expect(readdirSync(dirname(fileOf(cache)))).toEqual([`${AWS_VERSION}.json.gz`]);
    // An engine that can't run: only the cache can answer.
    const none = { binary: '/nowhere', product: 'Terraform', version: '1.11.0' } as const;
    expect(Object.keys((await pluginSchema(none, await serving(), env)).resources)).toEqual(
      Object.keys(first.resources),
    );
  });

  it('is asked for again when the cache is damaged', async () => {
    const cache = temporaryFolder('cache');
    mkdirSync(dirname(fileOf(cache)), { recursive: true });
    writeFileSync(fileOf(cache), 'damaged');
    const schema = await pluginSchema(await engineAtHand(), await serving(), { XDG_CACHE_HOME: cache });
    expect(schema.version).toBe(AWS_VERSION);
    expect(readFileSync(fileOf(cache)).length).toBeGreaterThan(1_000);
  });

  it('is told where nothing can be cached', async () => {
    const file = join(temporaryFolder('cache'), 'file');
    writeFileSync(file, '');
    const schema = await pluginSchema(await engineAtHand(), await serving(), { XDG_CACHE_HOME: file });
    expect(schema.provider).toBe('aws');
    expect(existsSync(fileOf(file))).toBe(false);
  });
});
