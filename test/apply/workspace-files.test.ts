import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/once';
import { forPlugin } from '../support/terraform/older-plugin';
import { localOverride, protectedAddresses, unprotectedOverride } from '../support/terraform/overrides';
import { atLeast, findTools } from '../support/terraform/tools';

const STACK = {
  provider: { aws: [{ region: 'eu-central-1' }, { region: 'us-east-1', alias: 'global' }] },
  resource: {
    aws_kms_key: { key: { lifecycle: { prevent_destroy: true, ignore_changes: ['tags'] } }, free: { lifecycle: {} } },
    aws_db_instance: { db: { deletion_protection: true, region: 'eu-central-1' } },
    aws_iam_role: { role: { region: 'x' } },
    aws_ecs_service: { api: { load_balancer: [{ advanced_configuration: {}, container_port: 1 }] } },
  },
};

describe('the override for loopback', () => {
  it('keeps state beside the stack and takes the plugin at hand', () => {
    expect(localOverride(STACK, { awsVersion: '5.100.0' }).terraform).toEqual({
      backend: { local: { path: 'terraform.tfstate' } },
      required_providers: { aws: { source: 'hashicorp/aws', version: '5.100.0' } },
    });
  });

  it('reaches providers with an alias too', () => {
    const { provider } = localOverride(STACK, { awsVersion: '5.100.0' }) as { provider: { aws: object[] } };
    expect(provider.aws).toHaveLength(2);
    expect(provider.aws[1]).toMatchObject({ alias: 'global', access_key: 'loopback' });
    expect(provider.aws[0]).not.toHaveProperty('alias');
  });
});

describe('the override that lifts protections', () => {
  it('names what is protected and nothing else', () => {
    expect(unprotectedOverride(STACK)).toEqual({
      resource: {
        aws_kms_key: { key: { lifecycle: { prevent_destroy: false } } },
        aws_db_instance: { db: { deletion_protection: false } },
      },
    });
    expect(protectedAddresses(STACK)).toEqual(['aws_kms_key.key']);
  });
});

describe('a stack for an older plugin', () => {
  it('loses the arguments that only newer ones have', () => {
    expect(forPlugin('5.100.0')(STACK).resource).toMatchObject({
      aws_db_instance: { db: { deletion_protection: true } },
      aws_iam_role: { role: { region: 'x' } },
      aws_ecs_service: { api: { load_balancer: [{ container_port: 1 }] } },
    });
    expect(JSON.stringify(forPlugin('5.100.0')(STACK).resource)).not.toContain('advanced_configuration');
    expect(forPlugin('5.100.0')(STACK).resource?.aws_db_instance?.db).not.toHaveProperty('region');
  });

  it('is the same for a newer one', () => {
    expect(forPlugin('6.26.0')(STACK)).toBe(STACK);
  });
});

describe('the tools for a real apply', () => {
  const terraform = (version: string) => {
    const folder = temporaryFolder('tools');
    const script = `#!/bin/sh\necho '{"terraform_version":"${version}"}'\n`;
    for (const name of ['terraform', 'moto_server']) writeFileSync(join(folder, name), script, { mode: 0o755 });
    return folder;
  };
  const mirror = (...versions: readonly string[]) => {
    const folder = temporaryFolder('mirror');
    const platform = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
    for (const version of versions) {
      mkdirSync(join(folder, 'registry.terraform.io', 'hashicorp', 'aws', version, platform), { recursive: true });
    }
    return folder;
  };

  it('are the newest plugin that fits, with what is on PATH', () => {
    const PATH = terraform('1.11.0');
    const STRONGROOM_PLUGIN_MIRROR = mirror('5.99.0', '5.100.0', '6.9.0', '6.26.1');
    expect(findTools({ PATH, STRONGROOM_PLUGIN_MIRROR })).toEqual({
      terraform: join(PATH, 'terraform'),
      mirror: STRONGROOM_PLUGIN_MIRROR,
      awsVersion: '6.26.1',
      moto: join(PATH, 'moto_server'),
    });
  });

  it('are told by name when they are missing', () => {
    const PATH = terraform('1.11.0');
    expect(findTools({ PATH: '' })).toBe('there is no terraform on PATH');
    expect(findTools({ PATH: terraform('1.10.5') })).toBe('terraform is 1.10.5, needed is 1.11 or newer');
    expect(findTools({ PATH })).toMatch(/^STRONGROOM_PLUGIN_MIRROR names no folder/);
    expect(findTools({ PATH, STRONGROOM_PLUGIN_MIRROR: mirror('5.99.0') })).toMatch(/holds no unpacked/);
    expect(
      findTools({
        PATH: '',
        TERRAFORM_BINARY_NAME: join(PATH, 'terraform'),
        STRONGROOM_PLUGIN_MIRROR: mirror('5.100.0'),
      }),
    ).toBe('there is no moto_server on PATH');
  });

  it('compare versions by number', () => {
    expect(atLeast('5.100.0', [5, 99])).toBe(true);
    expect(atLeast('5.99.9', [5, 100])).toBe(false);
    expect(atLeast('2.0.0', [1, 11])).toBe(true);
  });
});
