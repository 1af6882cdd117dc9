import { describe, expect, it } from 'vitest';
import { FederatedCredential } from '../../../constructs/azure/federated-credential';
import { ManagedIdentity } from '../../../constructs/azure/managed-identity';
import type { Workload } from '../../../constructs/core/workload';
import {
  PRINCIPAL,
  prod,
  resource,
  resources,
  SUBSCRIPTION,
  stacks,
  validationLines,
} from '../../support/azure-environment';
import { refusedLines } from '../../support/core-environment';

const ISSUER = 'https://eastus.oic.prod-aks.azure.com/11111111-1111-1111-1111-111111111111/cluster/';
const WEB: Workload = { name: 'myapp', runsOn: { appService: true } };
const PODS: Workload = { name: 'myapp', runsOn: { kubernetes: { namespace: 'myapp', serviceAccount: 'myapp-sa' } } };
const ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/prod-myapp-rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/prod-myapp-id`;

function withIdentity(workload: Workload, environment = prod({ clusterIssuerUrl: ISSUER })) {
  const made = stacks(environment);
  return { ...made, identity: new ManagedIdentity(made.base, 'identity', { workload }) };
}

describe('a managed identity', () => {
  it('is named after its workload', () => {
    expect(resource(withIdentity(WEB).base, 'azurerm_user_assigned_identity')).toEqual({
      name: 'prod-myapp-id',
      resource_group_name: '${azurerm_resource_group.resource-group.name}',
      location: 'eastus',
      tags: { Application: 'myapp', Environment: 'prod', Workload: 'myapp' },
    });
  });

  it('has the same id by name, in whatever stack', () => {
    const { web, identity } = withIdentity(WEB);
    expect([identity.id, ManagedIdentity.ofApp(web, WEB).id]).toEqual([ID, ID]);
  });

  it('by name says nothing that Azure makes', () => {
    expect(ManagedIdentity.ofApp(withIdentity(WEB).web, WEB)).toEqual({ name: 'prod-myapp-id', id: ID });
  });

  it('by name is refused at synthesis when no stack makes it', () => {
    const { base, web } = stacks();
    ManagedIdentity.ofApp(web, WEB);
    expect(validationLines(web)).toEqual([
      'prod-myapp-azure-web: uses identity prod-myapp-id, which no stack of this app makes; make it with ManagedIdentity for workload myapp [SR-AZURE-NOT-MADE]',
    ]);
    new ManagedIdentity(base, 'identity', { workload: WEB });
    expect(validationLines(web)).toEqual([]);
  });

  it('that exists is taken by its three ids', () => {
    const identity = ManagedIdentity.fromAttributes(stacks().base, {
      id: ID,
      principalId: PRINCIPAL,
      clientId: PRINCIPAL,
    });
    expect(identity).toEqual({ name: 'prod-myapp-id', id: ID, principalId: PRINCIPAL, clientId: PRINCIPAL });
  });

  it('that exists is refused with all that is malformed', () => {
    const attributes = { id: 'prod-myapp-id', principalId: 'me', clientId: 'you' };
    expect(refusedLines(() => ManagedIdentity.fromAttributes(stacks().base, attributes))).toEqual([
      expect.stringMatching(/^prod-myapp-azure: id is "prod-myapp-id", .* \[SR-AZURE-IDENTITY-ID\]$/),
      expect.stringMatching(/^prod-myapp-azure: principalId is "me", .* \[SR-AZURE-PRINCIPAL\]$/),
      expect.stringMatching(/^prod-myapp-azure: clientId is "you", .* \[SR-AZURE-PRINCIPAL\]$/),
    ]);
  });

  it('is refused with a name that Azure does not take, and with one that another has', () => {
    const { base } = withIdentity(WEB);
    const illegal = { ...WEB, name: 'my.app' };
    expect(refusedLines(() => new ManagedIdentity(base, 'a', { workload: illegal }))).toEqual([
      expect.stringMatching(/^prod-myapp-azure\/a: workload\.name gives .* \[SR-NAME-ILLEGAL\]$/),
    ]);
    expect(refusedLines(() => new ManagedIdentity(base, 'b', { workload: WEB }))).toEqual([
      expect.stringMatching(/^prod-myapp-azure\/b: workload\.name gives .* \[SR-NAME-TAKEN\]$/),
    ]);
  });
});

describe('a federated credential', () => {
  it('is made for the service account of a workload, as azurerm 5 takes it', () => {
    expect(resource(withIdentity(PODS).base, 'azurerm_federated_identity_credential')).toEqual({
      name: 'myapp-myapp-sa',
      user_assigned_identity_id: expect.stringMatching(/^\$\{azurerm_user_assigned_identity\.[\w-]+\.id\}$/),
      issuer: ISSUER,
      subject: 'system:serviceaccount:myapp:myapp-sa',
      audience: ['api://AzureADTokenExchange'],
    });
  });

  it('is left out without a cluster, and without a place in it', () => {
    expect(resources(withIdentity(PODS, prod()).base, 'azurerm_federated_identity_credential')).toEqual([]);
    expect(resources(withIdentity(WEB).base, 'azurerm_federated_identity_credential')).toEqual([]);
  });

  it('says its subject, and takes a name of its own', () => {
    const { base, identity } = withIdentity(WEB);
    const serviceAccount = { namespace: 'jobs', serviceAccount: 'nightly.v2' };
    const credential = new FederatedCredential(base, 'nightly', { identity, serviceAccount, name: 'nightly' });
    expect(credential.subject).toBe('system:serviceaccount:jobs:nightly.v2');
    expect(resource(base, 'azurerm_federated_identity_credential')['name']).toBe('nightly');
  });

  it.each([
    ['*', 'myapp-sa', 'serviceAccount.namespace'],
    ['myapp', '*', 'serviceAccount.serviceAccount'],
    ['myapp', 'myapp-*', 'serviceAccount.serviceAccount'],
    ['my:app', 'myapp-sa', 'serviceAccount.namespace'],
    ['myapp', '', 'serviceAccount.serviceAccount'],
  ])('refuses namespace %j with service account %j', (namespace, serviceAccount, property) => {
    const { base, identity } = withIdentity(WEB);
    const place = { namespace, serviceAccount };
    const lines = refusedLines(
      () => new FederatedCredential(base, 'bad', { identity, serviceAccount: place, name: 'a-good-name' }),
    );
    expect(lines).toEqual([
      `prod-myapp-azure/bad: ${property} is ${JSON.stringify(property.endsWith('namespace') ? namespace : serviceAccount)}, allowed is the exact name, as Kubernetes has it; write one credential for each service account: a managed identity takes no patterns [SR-AZURE-SUBJECT]`,
    ]);
  });

  it('refuses the twenty-first of one identity', () => {
    const { base, identity } = withIdentity(WEB);
    const add = (n: number) =>
      new FederatedCredential(base, `c${n}`, {
        identity,
        serviceAccount: { namespace: 'jobs', serviceAccount: `job-${n}` },
      });
    for (let n = 1; n <= 20; n++) add(n);
    expect(refusedLines(() => add(21))).toEqual([
      'prod-myapp-azure/c21: identity has 20 federated credentials, Azure allows 20; make a second identity, and give it the grants that its workload needs [SR-AZURE-CREDENTIALS]',
    ]);
  });

  it('refuses one service account twice, under whatever name', () => {
    const { base, identity } = withIdentity(PODS);
    const serviceAccount = { namespace: 'myapp', serviceAccount: 'myapp-sa' };
    expect(
      refusedLines(() => new FederatedCredential(base, 'twice', { identity, serviceAccount, name: 'other' })),
    ).toEqual([
      expect.stringMatching(/^prod-myapp-azure\/twice: serviceAccount gives the subject name .* \[SR-NAME-TAKEN\]$/),
    ]);
  });

  it('refuses a name that is too long', () => {
    const { base, identity } = withIdentity(WEB);
    const serviceAccount = { namespace: 'n'.repeat(63), serviceAccount: 's'.repeat(63) };
    expect(refusedLines(() => new FederatedCredential(base, 'long', { identity, serviceAccount }))).toEqual([
      expect.stringMatching(/^prod-myapp-azure\/long: name gives a federated credential .* \[SR-NAME-ILLEGAL\]$/),
    ]);
  });
});
