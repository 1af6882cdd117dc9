/** How much an environment's loss would cost: decides the protective defaults. */
export type Tier = 'sandbox' | 'development' | 'staging' | 'production';

/** What a tier protects by default; each construct lets a caller say otherwise in plain sight. */
export interface TierDefaults {
  /** Whether keys, secrets, databases, mounts and vaults refuse to be destroyed by Terraform. */
  readonly preventDestroy: boolean;
  /** Whether a store's own protection against deletion is on (RDS deletion protection, Key Vault purge protection). */
  readonly deletionProtection: boolean;
  /** Whether a database leaves a snapshot behind when it is deleted. */
  readonly finalSnapshot: boolean;
  /** Days during which a deleted secret can be brought back; 0 deletes at once. */
  readonly recoveryDays: number;
  /** Days that logs are kept. */
  readonly logRetentionDays: number;
  /** Days that automatic backups of a database are kept. */
  readonly backupRetentionDays: number;
  /** Whether state may live on a laptop. */
  readonly localState: boolean;
  /** Whether databases and services run in more than one zone. */
  readonly multipleZones: boolean;
}

const DEFAULTS: Readonly<Record<Tier, TierDefaults>> = {
  sandbox: {
    preventDestroy: false,
    deletionProtection: false,
    finalSnapshot: false,
    recoveryDays: 0,
    logRetentionDays: 7,
    backupRetentionDays: 1,
    localState: true,
    multipleZones: false,
  },
  development: {
    preventDestroy: false,
    deletionProtection: false,
    finalSnapshot: false,
    recoveryDays: 7,
    logRetentionDays: 30,
    backupRetentionDays: 7,
    localState: false,
    multipleZones: false,
  },
  staging: {
    preventDestroy: true,
    deletionProtection: true,
    finalSnapshot: true,
    recoveryDays: 14,
    logRetentionDays: 90,
    backupRetentionDays: 14,
    localState: false,
    multipleZones: false,
  },
  production: {
    preventDestroy: true,
    deletionProtection: true,
    finalSnapshot: true,
    recoveryDays: 30,
    logRetentionDays: 365,
    backupRetentionDays: 35,
    localState: false,
    multipleZones: true,
  },
};

/** Every tier, the least protected first. */
export const TIERS = Object.keys(DEFAULTS) as readonly Tier[];

/** What a tier protects by default. */
export function tierDefaults(tier: Tier): TierDefaults {
  return DEFAULTS[tier];
}
