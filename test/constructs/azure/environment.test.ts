import { describe, expect, it } from 'vitest';
import {
  type AzureEnvironment,
  checkAzureEnvironments,
  hasWayIn,
  subnetRanges,
} from '../../../constructs/azure/environment';
import { PRINCIPAL, prod, SUBSCRIPTION, sandbox } from '../../support/azure-environment';

const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/network-rg/providers`;
const SUBNET = `${GROUP}/Microsoft.Network/virtualNetworks/hub/subnets/endpoints`;
const ZONE = `${GROUP}/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net`;

function problemsOf(azure: Partial<AzureEnvironment>) {
  return checkAzureEnvironments([prod(azure)]).problems.map(({ code, property }) => `${property} ${code}`);
}

describe('an environment in Azure', () => {
  it('has no problems and no warnings when it is alone in its subscription', () => {
    expect(checkAzureEnvironments([prod({ subscriptionAlone: true })])).toEqual({ problems: [], warnings: [] });
  });

  it.each([
    ['tenantId', { tenantId: 'example.onmicrosoft.com' }, 'SR-AZURE-TENANT'],
    ['subscriptionId', { subscriptionId: '2222' }, 'SR-AZURE-SUBSCRIPTION'],
    ['location', { location: 'East US' }, 'SR-AZURE-LOCATION'],
    ['suffix', { suffix: 'toolong' }, 'SR-AZURE-SUFFIX'],
    ['suffix', { suffix: 'X7' }, 'SR-AZURE-SUFFIX'],
    ['clusterIssuerUrl', { clusterIssuerUrl: 'http://oic.example.com/' }, 'SR-AZURE-ISSUER'],
    ['clusterIssuerUrl', { clusterIssuerUrl: 'oic.example.com' }, 'SR-AZURE-ISSUER'],
    ['logs.workspaceId', { logs: { kind: 'given', workspaceId: 'my-logs' } }, 'SR-AZURE-NETWORK-ID'],
  ] as const)('refuses a malformed %s', (property, azure, code) => {
    expect(problemsOf(azure)).toEqual([`prod.azure.${property} ${code}`]);
  });

  it('says property, value, what is allowed and the fix', () => {
    const [problem] = checkAzureEnvironments([prod({ suffix: 'X7' })]).problems;
    expect(problem).toEqual({
      code: 'SR-AZURE-SUFFIX',
      property: 'prod.azure.suffix',
      message: 'is "X7", allowed is 2 to 6 lower-case letters and digits',
      fix: 'correct the environment file',
    });
  });

  it.each([
    'https://somebody@oic.example.com/',
    'https://:hunter2@oic.example.com/',
    'https://oic.example.com/?sig=hunter2',
    'https://oic.example.com/#hunter2',
  ])('refuses the issuer %s, and does not repeat what may be a secret', (clusterIssuerUrl) => {
    expect(checkAzureEnvironments([prod({ clusterIssuerUrl })]).problems).toEqual([
      expect.objectContaining({
        code: 'SR-AZURE-ISSUER',
        message: 'has more than host and path, allowed is an https URL without user, query and fragment',
      }),
    ]);
  });

  it('reports the problems of all environments together', () => {
    const { problems } = checkAzureEnvironments([prod({ suffix: '' }), sandbox({ location: '' })]);
    expect(problems.map(({ property }) => property)).toEqual(['prod.azure.suffix', 'box.azure.location']);
  });

  it('refuses to be alone in a subscription that another environment uses', () => {
    const { problems } = checkAzureEnvironments([prod({ subscriptionAlone: true }), sandbox()]);
    expect(problems).toEqual([
      expect.objectContaining({ code: 'SR-AZURE-ALONE', property: 'prod.azure.subscriptionAlone' }),
    ]);
  });

  it('warns when production shares its subscription, and only then', () => {
    expect(checkAzureEnvironments([prod(), sandbox()]).warnings).toEqual([
      `prod shares Azure subscription ${SUBSCRIPTION} with box: a subscription of its own is the stronger wall`,
    ]);
    expect(checkAzureEnvironments([sandbox(), { ...sandbox(), name: 'dev' }]).warnings).toEqual([]);
  });
});

describe('a created network', () => {
  it('gives its first two quarters to apps and endpoints', () => {
    expect(subnetRanges({ kind: 'created', cidr: '10.30.0.0/24' })).toEqual({
      apps: '10.30.0.0/26',
      endpoints: '10.30.0.64/26',
    });
  });

  it('takes the subnets that are given', () => {
    const network = { kind: 'created', cidr: '10.30.0.0/24', appsSubnet: '10.30.0.128/27' } as const;
    expect(subnetRanges(network)).toEqual({ apps: '10.30.0.128/27', endpoints: '10.30.0.64/26' });
  });

  it.each([
    ['8.8.8.0/24', 'cidr'],
    ['10.30.0.1/24', 'cidr'],
    ['10.30.0.0/27', 'cidr'],
  ])('refuses the range %s', (cidr, property) => {
    expect(problemsOf({ network: { kind: 'created', cidr } })).toEqual([
      `prod.azure.network.${property} SR-AZURE-CIDR`,
    ]);
  });

  it.each([
    ['appsSubnet', { appsSubnet: '10.30.0.128/29' }],
    ['appsSubnet', { appsSubnet: '10.31.0.0/26' }],
    ['endpointsSubnet', { endpointsSubnet: '10.30.0.64/30' }],
    ['endpointsSubnet', { endpointsSubnet: '10.30.0.0/27' }],
    ['endpointsSubnet', { endpointsSubnet: '10.30.0.0/25' }],
  ])('refuses %s where it does not fit', (property, subnets) => {
    const problems = problemsOf({ network: { kind: 'created', cidr: '10.30.0.0/24', ...subnets } });
    expect(problems).toEqual([`prod.azure.network.${property} SR-AZURE-CIDR`]);
  });
});

describe('a given network', () => {
  it('is taken by resource ids', () => {
    expect(problemsOf({ network: { kind: 'given', endpointsSubnetId: SUBNET, vaultDnsZoneId: ZONE } })).toEqual([]);
  });

  it('is refused by names, and with another zone than that of vaults', () => {
    const vaultDnsZoneId = `${GROUP}/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net`;
    const network = { kind: 'given', appsSubnetId: 'apps', endpointsSubnetId: 'endpoints', vaultDnsZoneId } as const;
    expect(problemsOf({ network })).toEqual([
      'prod.azure.network.appsSubnetId SR-AZURE-NETWORK-ID',
      'prod.azure.network.endpointsSubnetId SR-AZURE-NETWORK-ID',
      'prod.azure.network.vaultDnsZoneId SR-AZURE-NETWORK-ID',
    ]);
  });

  it('is refused with one subnet for both', () => {
    const network = { kind: 'given', appsSubnetId: SUBNET, endpointsSubnetId: SUBNET, vaultDnsZoneId: ZONE } as const;
    expect(problemsOf({ network })).toEqual(['prod.azure.network.appsSubnetId SR-AZURE-NETWORK-ID']);
  });
});

describe('a runner', () => {
  it.each([
    [{ insideNetwork: true }, true],
    [{ addresses: ['203.0.113.10'] }, true],
    [{ subnetIds: [SUBNET] }, true],
    [{ principalId: PRINCIPAL }, false],
    [{ insideNetwork: false, addresses: [], subnetIds: [] }, false],
  ])('%j gets in: %s', (runner, gets) => {
    expect(hasWayIn({ runner })).toBe(gets);
  });

  it('that does not exist does not get in', () => {
    expect(hasWayIn({})).toBe(false);
  });

  it('is refused without a way in', () => {
    expect(problemsOf({ runner: { principalId: PRINCIPAL } })).toEqual(['prod.azure.runner SR-AZURE-RUNNER']);
  });

  it.each(['10.1.2.3', '0.0.0.0/0', '203.0.0.0/8', '2001:db8::1', 'runner.example.com', '203.0.113.10/24'])(
    'is refused with the address %s',
    (address) => {
      const problems = problemsOf({ runner: { addresses: ['203.0.113.0/24', address] } });
      expect(problems).toEqual(['prod.azure.runner.addresses[1] SR-AZURE-RUNNER-ADDRESS']);
    },
  );

  it('is refused with a subnet by name and a principal by name', () => {
    expect(problemsOf({ runner: { subnetIds: ['runners'], principalId: 'deployer' } })).toEqual([
      'prod.azure.runner.subnetIds[0] SR-AZURE-NETWORK-ID',
      'prod.azure.runner.principalId SR-AZURE-PRINCIPAL',
    ]);
  });

  it('is refused with more addresses than a vault takes', () => {
    const addresses = Array.from({ length: 1001 }, (_, n) => `203.0.${Math.floor(n / 256)}.${n % 256}`);
    expect(problemsOf({ runner: { addresses } })).toEqual(['prod.azure.runner.addresses SR-AZURE-RUNNER']);
  });
});
