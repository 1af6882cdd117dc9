/** Where a secret can live. */
export type Store = 'aws' | 'azure' | 'vault';

/** What a secret is for: decides its longest period, its stores and whether it may be persisted at all. */
export class SecretType {
  /** A key of somebody else's service; several are active at once while it rotates. */
  static readonly API_KEY = new SecretType('api-key', { longestDays: 90, stores: ['aws', 'azure', 'vault'] });
  /** A stored user and password of a database; prefer a dynamic role of Vault, which needs no period. */
  static readonly DATABASE_CREDENTIAL = new SecretType('database-credential', {
    longestDays: 30,
    stores: ['aws', 'azure', 'vault'],
  });
  /** A certificate with its private key, issued by Vault's PKI. */
  static readonly TLS_CERTIFICATE = new SecretType('tls-certificate', { longestDays: 90, stores: ['vault'] });
  /** An SSH key; prefer certificates signed by Vault's SSH engine. */
  static readonly SSH_KEY = new SecretType('ssh-key', { longestDays: 365, stores: ['vault'] });
  /** A key that never leaves its KMS or HSM: a managed key of the store, never a stored value. */
  static readonly ENCRYPTION_KEY = new SecretType('encryption-key', {
    longestDays: 730,
    stores: ['aws', 'azure', 'vault'],
    persistable: false,
  });
  /** An access token of one session: held in memory, never stored. */
  static readonly OAUTH_TOKEN = new SecretType('oauth-token', { longestDays: 0, stores: [], persistable: false });

  /** Every type, in the order of the guide's table. */
  static readonly ALL: readonly SecretType[] = [
    SecretType.API_KEY,
    SecretType.DATABASE_CREDENTIAL,
    SecretType.TLS_CERTIFICATE,
    SecretType.SSH_KEY,
    SecretType.ENCRYPTION_KEY,
    SecretType.OAUTH_TOKEN,
  ];

  /** The longest time between two values, in days. */
  readonly longestDays: number;
  /** The stores in which a value of this type may live. */
  readonly stores: readonly Store[];
  /** Whether a value may be stored at all. */
  readonly persistable: boolean;

  private constructor(
    /** The type's name, as tags and reports show it. */
    readonly name: string,
    rule: { readonly longestDays: number; readonly stores: readonly Store[]; readonly persistable?: boolean },
  ) {
    this.longestDays = rule.longestDays;
    this.stores = rule.stores;
    this.persistable = rule.persistable ?? true;
  }

  toString(): string {
    return this.name;
  }
}
