import type { App } from 'cdktf';
import type { CoreEnvironment } from '../constructs/core/environment';
import { AuditDevices } from '../constructs/vault/audit-devices';
import { DatabaseMount } from '../constructs/vault/database-mount';
import { Duration } from '../constructs/vault/duration';
import type { HasVault } from '../constructs/vault/environment';
import { KubernetesAuth } from '../constructs/vault/kubernetes-auth';
import { KvMount } from '../constructs/vault/kv-mount';
import { PasswordPolicy } from '../constructs/vault/password-policy';
import { PLATFORM_APP, VaultStack } from '../constructs/vault/vault-stack';

/** What all apps on one server share. They name it by these same properties, so that no value crosses stacks. */
export const SHARED = {
  secrets: { name: 'secret' },
  databases: { name: 'database', defaultTtl: Duration.hours(1), maxTtl: Duration.hours(24) },
  kubernetes: { name: 'kubernetes', defaultTtl: Duration.minutes(20), maxTtl: Duration.hours(1) },
  passwords: { name: 'database-users', length: 32 },
} as const;

/** What a whole Vault server has in one environment, whichever apps come and go. */
export class PlatformVault extends VaultStack {
  constructor(app: App, environment: CoreEnvironment & HasVault) {
    super(app, environment, PLATFORM_APP);

    // First of all, and everything else waits for them.
    new AuditDevices(this, 'audit');

    new KvMount(this, 'secrets', SHARED.secrets);
    new DatabaseMount(this, 'databases', SHARED.databases);
    new PasswordPolicy(this, 'passwords', SHARED.passwords);
    new KubernetesAuth(this, 'kubernetes', SHARED.kubernetes);
  }
}
