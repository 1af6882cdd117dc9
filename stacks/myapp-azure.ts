import type { App } from 'cdktf';
import { AzureStack } from '../constructs/azure/azure-stack';
import type { HasAzure } from '../constructs/azure/environment';
import { KeyVault } from '../constructs/azure/key-vault';
import { ManagedIdentity } from '../constructs/azure/managed-identity';
import type { CoreEnvironment } from '../constructs/core/environment';
import { myapp } from '../environments/workloads';
import { databasePassword, paymentKey, VAULT } from './myapp-azure-secrets';

/** Where the secrets of `myapp` live in Azure, and who may read them: vault, network, identity and access. */
export class MyappAzure extends AzureStack {
  constructor(app: App, environment: CoreEnvironment & HasAzure) {
    super(app, environment, 'myapp');

    // Closed: its secrets are reached from the app's network, and by the runner that deploys.
    const vault = new KeyVault(this, 'vault', { name: VAULT });

    // The web app and the pods of myapp-sa are this identity; nobody holds a credential for it.
    const identity = new ManagedIdentity(this, 'identity', { workload: myapp });

    // Here and not where the secrets are used: a role takes minutes to hold, and the web app reads at its start.
    for (const secret of [databasePassword, paymentKey]) vault.secret(secret).grantRead(identity);
  }
}
