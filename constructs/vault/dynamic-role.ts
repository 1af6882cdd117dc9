import { DatabaseSecretBackendRole } from '@cdktf/provider-vault/lib/database-secret-backend-role';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { refuse } from '../core/errors';
import type { Grant } from '../core/grant';
import type { IDatabaseMount } from './database-mount';
import { Duration, type Ttl, type TtlPair, ttlProblems, ttlSeconds } from './duration';
import { statementProblems } from './dynamic-statements';
import { grant, type IVaultIdentity } from './identity';
import { expectMadeElsewhere } from './made-elsewhere';
import { claimVaultName, vaultNameProblem } from './names';
import { after } from './ordering';
import type { IPasswordPolicy } from './password-policy';
import { PolicyTarget } from './policy-target';
import type { PostgresConnection } from './postgres-connection';
import { type DynamicStatements, readOnlyStatements, readWriteStatements } from './postgres-sql';
import { VaultStack } from './vault-stack';

const LEASES = { initial: Duration.hours(1), longest: Duration.hours(24) } as const;

/** A role of the database engine: reading it makes a user of the database, which ends with its lease. */
export interface IDynamicRole {
  readonly name: string;
  /** The path on which credentials are read, for policies. */
  readonly credentials: PolicyTarget;
  /** Lets an identity have users made. */
  grantRead(identity: IVaultIdentity): Grant;
}

/** What a role's users may do: a group of the connection's, or SQL of one's own. */
export type DynamicAccess = 'read-only' | 'read-write' | DynamicStatements;

/** Properties of {@link DynamicRole}. */
export interface DynamicRoleProps {
  readonly connection: PostgresConnection;
  /** The role's name, once on its mount. */
  readonly name: string;
  /** What its users may do. */
  readonly access: DynamicAccess;
  /**
   * How long a user lives unless its lease is renewed.
   *
   * @default Duration.hours(1), or the mount's longest lease if that is shorter
   */
  readonly defaultTtl?: Ttl;
  /**
   * How long a user lives at most, renewals included.
   *
   * @default Duration.hours(24), or the mount's longest lease if that is shorter
   */
  readonly maxTtl?: Ttl;
  /**
   * How passwords are made.
   *
   * @default - Vault's own rule, 20 characters
   */
  readonly passwordPolicy?: IPasswordPolicy;
}

/**
 * A role of the database engine for PostgreSQL.
 *
 * Its users get their rights by membership in a group role, so that issuing them needs no right on any table, and
 * revoking them leaves nothing behind, even if they own something.
 *
 * @see https://developer.hashicorp.com/vault/docs/secrets/databases/postgresql
 */
export class DynamicRole extends Construct implements IDynamicRole {
  /**
   * A role that another stack makes.
   *
   * @throws {InvalidProps} when synthesized, `SR-VAULT-ROLE-MISSING` if nobody makes it.
   */
  static fromName(scope: Construct, mount: IDatabaseMount, name: string): IDynamicRole {
    refuse(scope, [vaultNameProblem('databaseRole', 'name', name)]);
    const path = `${mount.path}/${name}`;
    expectMadeElsewhere(scope, { code: 'SR-VAULT-ROLE-MISSING', kind: 'database role', path });
    return reference(scope, mount.path, name);
  }

  readonly name: string;
  readonly credentials: PolicyTarget;
  /** What must exist before credentials can be read. */
  readonly dependables: readonly ITerraformDependable[];
  private readonly self: IDynamicRole;

  /**
   * @throws {InvalidProps} `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`, `SR-VAULT-TTL`, `SR-VAULT-TTL-INVERTED`,
   * `SR-VAULT-TTL-MOUNT`, `SR-VAULT-STATEMENT-PLACEHOLDER`, `SR-VAULT-STATEMENT-POWER`, `SR-VAULT-STATEMENT-SPLIT`,
   * `SR-VAULT-STATEMENT-TEMPLATE`.
   */
  constructor(scope: Construct, id: string, props: DynamicRoleProps) {
    super(scope, id);
    const { connection, passwordPolicy } = props;
    const { mount } = connection;
    const ttls = leases(props, mount);
    const statements = statementsOf(props);
    refuse(this, [
      vaultNameProblem('databaseRole', 'name', props.name),
      ...ttlProblems({ initial: 'defaultTtl', longest: 'maxTtl' }, ttls, {
        path: mount.path,
        longest: mount.longestLease,
      }),
      ...statementProblems('access', statements),
    ]);
    claimVaultName(this, 'name', { kind: 'databaseRole', name: props.name, mount: mount.path });
    VaultStack.of(this).note({ kind: 'database role', path: `${mount.path}/${props.name}`, made: true });
    this.self = reference(this, mount.path, props.name);
    this.name = this.self.name;
    this.credentials = this.self.credentials;
    connection.allow(this.name);

    const role = new DatabaseSecretBackendRole(this, 'role', {
      backend: mount.path,
      name: props.name,
      dbName: connection.nameReference,
      creationStatements: [...statements.creation],
      revocationStatements: [...statements.revocation],
      rollbackStatements: [...statements.revocation],
      ...(statements.renew === undefined ? {} : { renewStatements: [...statements.renew] }),
      ...(passwordPolicy === undefined ? {} : { credentialConfig: { password_policy: passwordPolicy.name } }),
      defaultTtl: ttls.initial,
      maxTtl: ttls.longest,
      ...after(passwordPolicy?.dependables ?? []),
      // Leases are revoked by the role's own statements: without it their users stay in the database.
      lifecycle: { preventDestroy: VaultStack.of(this).defaults.preventDestroy },
    });
    this.dependables = [role];
  }

  grantRead(identity: IVaultIdentity): Grant {
    return this.self.grantRead(identity);
  }
}

function reference(scope: Construct, mount: string, name: string): IDynamicRole {
  const credentials = new PolicyTarget('database credentials', `${mount}/creds/${name}`);
  return {
    name,
    credentials,
    grantRead: (identity) =>
      grant(scope, `${mount}/${name}`, identity, {
        on: credentials,
        can: ['read'],
        because: `${identity.name} has users of the database made by role ${name}`,
      }),
  };
}

function statementsOf({ access, connection }: DynamicRoleProps): DynamicStatements {
  if (access === 'read-only') return readOnlyStatements(connection.groups);
  if (access === 'read-write') return readWriteStatements(connection.groups);
  return access;
}

function leases({ defaultTtl, maxTtl }: DynamicRoleProps, mount: IDatabaseMount): TtlPair {
  const longest = maxTtl === undefined ? Math.min(LEASES.longest.inSeconds, mount.longestLease) : ttlSeconds(maxTtl);
  const initial = defaultTtl === undefined ? Math.min(LEASES.initial.inSeconds, longest) : ttlSeconds(defaultTtl);
  return { initial, longest };
}
