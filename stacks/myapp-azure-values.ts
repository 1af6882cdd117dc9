import type { App } from 'cdktf';
import { AzureStack } from '../constructs/azure/azure-stack';
import type { HasAzure } from '../constructs/azure/environment';
import { KeyVault } from '../constructs/azure/key-vault';
import { KeyVaultSecret } from '../constructs/azure/key-vault-secret';
import type { CoreEnvironment } from '../constructs/core/environment';
import { databasePassword, paymentKey, VAULT } from './myapp-azure-secrets';

/**
 * The values of the secrets of `myapp` in Azure.
 *
 * The provider reads a value whenever it plans one, so this stack is planned only by whoever may read them.
 */
export class MyappAzureValues extends AzureStack {
  constructor(app: App, environment: CoreEnvironment & HasAzure) {
    super(app, environment, 'myapp', 'values');

    const vault = KeyVault.ofApp(this, VAULT);
    new KeyVaultSecret(this, 'database-password', { vault, ...databasePassword });
    new KeyVaultSecret(this, 'payment-key', { vault, ...paymentKey });
  }
}
