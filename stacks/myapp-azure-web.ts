import type { App } from 'cdktf';
import { AzureStack } from '../constructs/azure/azure-stack';
import type { HasAzure } from '../constructs/azure/environment';
import { KeyVault } from '../constructs/azure/key-vault';
import { LinuxWebApp } from '../constructs/azure/linux-web-app';
import { ManagedIdentity } from '../constructs/azure/managed-identity';
import type { CoreEnvironment } from '../constructs/core/environment';
import { myapp } from '../environments/workloads';
import { databasePassword, VAULT } from './myapp-azure-secrets';

/** The web app of `myapp`: applied after the values, which it looks for when it starts. */
export class MyappAzureWeb extends AzureStack {
  constructor(app: App, environment: CoreEnvironment & HasAzure) {
    super(app, environment, 'myapp', 'web');
    this.applyAfter({ app: 'myapp', store: 'azure', part: 'values' });

    const vault = KeyVault.ofApp(this, VAULT);
    new LinuxWebApp(this, 'web', {
      name: 'myapp-web',
      identity: ManagedIdentity.ofApp(this, myapp),
      runtime: { kind: 'runtime', language: 'node', version: '22-lts' },
      healthCheckPath: '/healthz',
      settings: {
        // App Service puts the value in; the payment key, which changes more often, is asked for by the app itself.
        DATABASE_PASSWORD: vault.secret(databasePassword).reference(),
        AZURE_KEY_VAULT_URL: vault.url(),
      },
    });
  }
}
