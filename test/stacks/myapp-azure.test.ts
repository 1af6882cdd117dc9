import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkAzureEnvironments } from '../../constructs/azure/environment';
import { type StackClass, synthesize } from '../../constructs/core/app';
import { MyappAzure } from '../../stacks/myapp-azure';
import { MyappAzureValues } from '../../stacks/myapp-azure-values';
import { MyappAzureWeb } from '../../stacks/myapp-azure-web';
import { prod, sandbox, type TestEnvironment } from '../support/azure-environment';
import { refusals } from '../support/core-environment';

const STACKS: readonly StackClass<TestEnvironment>[] = [MyappAzure, MyappAzureValues, MyappAzureWeb];
const outdir = join(mkdtempSync(join(tmpdir(), 'strongroom-test-')), 'out');
afterAll(() => rmSync(join(outdir, '..'), { recursive: true, force: true }));

function synth(environments: readonly TestEnvironment[], stacks = STACKS) {
  return synthesize({ environments, stacks, check: checkAzureEnvironments }, outdir);
}

function text(stack: string): string {
  return readFileSync(join(outdir, 'stacks', stack, 'cdk.tf.json'), 'utf8');
}

function resources(stack: string): Readonly<Record<string, object>> {
  return (JSON.parse(text(stack)) as { readonly resource: Readonly<Record<string, object>> }).resource;
}

describe('myapp in Azure', () => {
  beforeAll(() => synth([sandbox(), prod()]));

  it('is applied in the order vault, values, web app', () => {
    const manifest = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8')) as {
      readonly stacks: Readonly<Record<string, { readonly dependencies: readonly string[] }>>;
    };
    expect(manifest.stacks['prod-myapp-azure']?.dependencies).toEqual([]);
    expect(manifest.stacks['prod-myapp-azure-values']?.dependencies).toEqual(['prod-myapp-azure']);
    const web = manifest.stacks['prod-myapp-azure-web']?.dependencies ?? [];
    expect([...web].sort()).toEqual(['prod-myapp-azure', 'prod-myapp-azure-values']);
  });

  it('gives all access in the first stack, and writes all values in the second', () => {
    expect(Object.keys(resources('prod-myapp-azure'))).toContain('azurerm_role_assignment');
    expect(Object.keys(resources('prod-myapp-azure-values'))).toEqual(['azurerm_key_vault_secret']);
    expect(Object.keys(resources('prod-myapp-azure-web'))).not.toContain('azurerm_role_assignment');
  });

  it('lets one identity read the vault, by one role', () => {
    expect(Object.keys(resources('prod-myapp-azure')['azurerm_role_assignment'] ?? {})).toHaveLength(1);
  });

  it('has no data sources, no quoted references, and as outputs only what a person does next', () => {
    for (const part of ['', '-values', '-web']) {
      const stack = JSON.parse(text(`prod-myapp-azure${part}`)) as { readonly data?: object; readonly output?: object };
      expect(stack.data).toBeUndefined();
      expect(Object.keys(stack.output ?? {})).toEqual(part === '-values' ? ['next_steps_1'] : []);
      expect(text(`prod-myapp-azure${part}`)).not.toContain('$${');
    }
  });

  it('is the same, byte for byte, when it is synthesized again', async () => {
    const before = text('prod-myapp-azure');
    await synth([sandbox(), prod()]);
    expect(text('prod-myapp-azure')).toBe(before);
  });

  it('comes out the same in whatever order its stacks are listed', async () => {
    const before = ['', '-values', '-web'].map((part) => text(`prod-myapp-azure${part}`));
    await synth([sandbox(), prod()], [...STACKS].reverse());
    const after = ['', '-values', '-web'].map((part) => text(`prod-myapp-azure${part}`));
    expect(after.map((stack) => JSON.parse(stack))).toEqual(before.map((stack) => JSON.parse(stack)));
  });

  it('is refused whole where no runner gets into the vault', async () => {
    const { runner: _, ...azure } = prod().azure;
    expect(await refusals(synth([{ ...prod(), azure }]))).toEqual([
      expect.stringMatching(
        /^prod-myapp-azure-values\/database-password: value is to be written .* \[SR-AZURE-NO-WAY-IN\]$/,
      ),
    ]);
  });

  it('is refused whole where the web app has no subnet', async () => {
    const endpoints =
      '/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/net/providers/Microsoft.Network';
    const network = {
      kind: 'given',
      endpointsSubnetId: `${endpoints}/virtualNetworks/hub/subnets/endpoints`,
      vaultDnsZoneId: `${endpoints}/privateDnsZones/privatelink.vaultcore.azure.net`,
    } as const;
    const lines = await refusals(synth([prod({ network })]));
    expect(lines.filter((line) => line.includes('SR-AZURE-NO-WAY-IN'))).toHaveLength(2);
  });
});
