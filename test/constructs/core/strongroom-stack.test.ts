import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TerraformStack, Testing } from 'cdktf';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { synthesize } from '../../../constructs/core/app';
import type { CoreEnvironment } from '../../../constructs/core/environment';
import { StrongroomStack, stackId } from '../../../constructs/core/strongroom-stack';
import {
  bareStack,
  PROD,
  refusals,
  refusedLines,
  SANDBOX,
  stackOf,
  synthesized,
  temporaryFolder,
} from '../../support/core-environment';

const only = async (environment: CoreEnvironment) =>
  Object.values(await synthesized([stackOf(() => {})], environment))[0];

describe('stackId', () => {
  it('is environment, app, store and, where there is one, the part', () => {
    expect(stackId({ name: 'prod' }, { app: 'myapp', store: 'aws' })).toBe('prod-myapp-aws');
    expect(stackId({ name: 'prod' }, { app: 'myapp', store: 'azure', part: 'values' })).toBe('prod-myapp-azure-values');
  });
});

describe('StrongroomStack', () => {
  it('requires an engine that knows ephemeral resources', async () => {
    expect((await only(PROD))?.['terraform']?.['required_version']).toBe('>= 1.11');
  });

  it('keeps state in S3 encrypted, with a lock file, under the id of the stack', async () => {
    expect((await only(PROD))?.['terraform']?.['backend']).toEqual({
      s3: {
        bucket: 'example-prod-state',
        key: 'prod-myapp-vault.tfstate',
        region: 'eu-central-1',
        encrypt: true,
        kms_key_id: 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555',
        use_lockfile: true,
      },
    });
  });

  it('keeps state in Azure Storage with OIDC and Entra ID, without an account key', async () => {
    const state = {
      kind: 'azurerm',
      resourceGroup: 'state',
      storageAccount: 'examplestate',
      container: 'tfstate',
      tenantId: '00000000-0000-0000-0000-00000000000a',
      subscriptionId: '00000000-0000-0000-0000-00000000000b',
    } as const;
    expect((await only({ ...PROD, state }))?.['terraform']?.['backend']).toEqual({
      azurerm: {
        resource_group_name: 'state',
        storage_account_name: 'examplestate',
        container_name: 'tfstate',
        key: 'prod-myapp-vault.tfstate',
        tenant_id: '00000000-0000-0000-0000-00000000000a',
        subscription_id: '00000000-0000-0000-0000-00000000000b',
        use_oidc: true,
        use_azuread_auth: true,
      },
    });
  });

  it('keeps a sandbox state in a relative path, the same on every machine', async () => {
    expect((await only(SANDBOX))?.['terraform']?.['backend']).toEqual({
      local: { path: '../../../terraform.box-myapp-vault.tfstate' },
    });
  });

  it("hands out the defaults of its environment's tier", () => {
    expect(bareStack(PROD).defaults.preventDestroy).toBe(true);
    expect(bareStack(SANDBOX).defaults.preventDestroy).toBe(false);
  });

  it("accepts the environment's provider versions before its own range", async () => {
    const declare = stackOf((stack) => stack.ensureRandomProvider());
    const stacks = await synthesized([declare], { ...PROD, providerVersions: { random: '~> 3.8' } });
    expect(stacks['prod-myapp-vault']?.['terraform']?.['required_providers']).toMatchObject({
      random: { version: '~> 3.8' },
    });
  });

  it.each(['My App', 'my_app', '-myapp', 'my--app', ''])('refuses the app name %j', (name) => {
    class Named extends StrongroomStack {
      constructor() {
        super(Testing.app(), PROD, { app: name, store: 'aws' });
      }
    }
    expect(refusedLines(() => new Named())).toEqual([
      `prod: app is ${JSON.stringify(name)}, allowed are lower-case letters, digits and single hyphens, a letter first; choose a short name such as myapp: it is part of the key of a state and never changes [SR-STACK-NAME]`,
    ]);
  });
});

describe('StrongroomStack.of', () => {
  it('finds the stack of a construct', () => {
    const stack = bareStack();
    expect(StrongroomStack.of(new Construct(new Construct(stack, 'a'), 'b'))).toBe(stack);
  });

  it('refuses a stack that knows no environment, with the path of the construct', () => {
    const foreign = new TerraformStack(Testing.app(), 'foreign');
    expect(refusedLines(() => StrongroomStack.of(new Construct(foreign, 'a')))).toEqual([
      'foreign/a: scope is in foreign, which is no stack of Strongroom and knows no environment; make it in an AwsStack, AzureStack or VaultStack [SR-STACK-FOREIGN]',
    ]);
  });
});

describe('applyAfter', () => {
  const later = stackOf((stack) => stack.applyAfter({ app: 'myapp', store: 'vault', part: 'first' }), 'second');
  const first = stackOf(() => {}, 'first');
  const dependencies = async (stacks: (typeof later)[]) => {
    const outdir = join(mkdtempSync(join(temporaryFolder(), 'app-')), 'out');
    await synthesize({ environments: [PROD, { ...PROD, name: 'dev' }], stacks }, outdir);
    const manifest = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8')) as {
      readonly stacks: Readonly<Record<string, { readonly dependencies: readonly string[] }>>;
    };
    return manifest.stacks['prod-myapp-vault-second']?.dependencies;
  };

  it('orders two stacks of one environment, in whatever order the app lists them', async () => {
    expect(await dependencies([first, later])).toEqual(['prod-myapp-vault-first']);
    expect(await dependencies([later, first])).toEqual(['prod-myapp-vault-first']);
  });

  it('asks for nothing that the app does not have', async () => {
    expect(await dependencies([later])).toEqual([]);
  });

  it('refuses a circle', async () => {
    const back = stackOf((stack) => stack.applyAfter({ app: 'myapp', store: 'vault', part: 'second' }), 'first');
    const lines = await refusals(synthesized([back, later]));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^app: .*prod-myapp-vault-second.*circular/i);
  });

  it('shares nothing but the order', async () => {
    const stacks = await synthesized([first, later]);
    expect(Object.keys(stacks['prod-myapp-vault-second'] ?? {}).sort()).toEqual(['//', 'terraform']);
  });
});
