import type { App } from 'cdktf';
import type { CoreEnvironment } from '../constructs/core/environment';
import { SecretType } from '../constructs/core/secret-type';
import { Value } from '../constructs/core/value';
import { DatabaseMount } from '../constructs/vault/database-mount';
import { Duration } from '../constructs/vault/duration';
import { DynamicRole } from '../constructs/vault/dynamic-role';
import type { HasVault } from '../constructs/vault/environment';
import { KubernetesAuth } from '../constructs/vault/kubernetes-auth';
import { KubernetesRole } from '../constructs/vault/kubernetes-role';
import { KvMount } from '../constructs/vault/kv-mount';
import { KvSecret } from '../constructs/vault/kv-secret';
import { PasswordPolicy } from '../constructs/vault/password-policy';
import { PostgresConnection } from '../constructs/vault/postgres-connection';
import { PLATFORM_APP, VaultStack } from '../constructs/vault/vault-stack';
import { myapp } from '../environments/workloads';
import { SHARED } from './platform-vault';

/** What `myapp` needs from Vault in one environment. */
export class MyappVault extends VaultStack {
  constructor(app: App, environment: CoreEnvironment & HasVault) {
    super(app, environment, 'myapp');
    this.applyAfter({ app: PLATFORM_APP, store: 'vault' });

    const secrets = KvMount.shared(this, SHARED.secrets);
    const databases = DatabaseMount.shared(this, SHARED.databases);
    const passwords = PasswordPolicy.shared(this, SHARED.passwords);
    const kubernetes = KubernetesAuth.shared(this, SHARED.kubernetes);

    // The pods of myapp log in as their own service account and get what is granted below, nothing else.
    const identity = new KubernetesRole(this, 'myapp', { auth: kubernetes, workload: myapp });

    // Signs sessions; nobody but myapp needs to know it, so Terraform makes it.
    const sessionKey = new KvSecret(this, 'session-key', {
      mount: secrets,
      name: 'myapp/session-key',
      type: SecretType.API_KEY,
      owner: 'payments',
      value: Value.generated({ since: '2026-11-01' }),
    });

    // A user that lives longer than a lease; the database's owner makes it and puts its password in.
    const credentials = new KvSecret(this, 'credentials', {
      mount: secrets,
      name: 'myapp/database',
      type: SecretType.DATABASE_CREDENTIAL,
      owner: 'payments',
      value: Value.external({ since: '2026-11-01' }),
      expectedFields: ['username', 'password'],
    });

    // Users of the database, made for each pod and gone with its lease.
    const database = new PostgresConnection(this, 'database', { mount: databases, name: 'mydb' });
    const readonly = new DynamicRole(this, 'readonly', {
      connection: database,
      name: 'readonly',
      access: 'read-only',
      defaultTtl: Duration.hours(1),
      maxTtl: Duration.hours(24),
      passwordPolicy: passwords,
    });
    // For what changes the schema or the data; granted to nobody until such a workload comes.
    new DynamicRole(this, 'readwrite', {
      connection: database,
      name: 'readwrite',
      access: 'read-write',
      defaultTtl: Duration.hours(1),
      maxTtl: Duration.hours(24),
      passwordPolicy: passwords,
    });

    for (const secret of [sessionKey, credentials, readonly]) secret.grantRead(identity);
  }
}
