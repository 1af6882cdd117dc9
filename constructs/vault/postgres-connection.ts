import { DatabaseSecretBackendConnection } from '@cdktf/provider-vault/lib/database-secret-backend-connection';
import { type ITerraformDependable, Lazy, TerraformVariable } from 'cdktf';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import { claimName } from '../core/naming';
import type { IDatabaseMount } from './database-mount';
import { isIdentifier, type PostgresServer, postgresProblems } from './environment';
import { claimVaultName, vaultNameProblem } from './names';
import { after } from './ordering';
import { PathGuard } from './path-guard';
import { type GroupRoles, ownerSql } from './postgres-sql';
import { VaultStack } from './vault-stack';

/** Connections that Vault keeps open: each node of a cluster has its own. */
const POOL = { open: 4, idle: 2, lifetimeSeconds: 300 } as const;

/** Names say that Vault made them, for which role and when; PostgreSQL cuts at 63 characters. */
const USERNAME_TEMPLATE = '{{ printf "v-%s-%s-%s" (.RoleName | truncate 15) (random 12) (unix_time) | truncate 63 }}';

/** Properties of {@link PostgresConnection}. */
export interface PostgresConnectionProps {
  /** The mount of the database engine that the connection belongs to. */
  readonly mount: IDatabaseMount;
  /** The connection's name, once on its mount; it never changes. */
  readonly name: string;
  /**
   * The database.
   *
   * @default - the environment's
   */
  readonly server?: PostgresServer;
  /**
   * The schema in which users read and write.
   *
   * @default 'public'
   */
  readonly schema?: string;
  /**
   * The group roles through which users get their rights, once in the whole PostgreSQL server.
   *
   * @default - `<database>_owner` and `<database>_readonly`
   */
  readonly groups?: GroupRoles;
  /**
   * The version of the admin's password. Raise it to hand Vault another one by the variable; after Vault has rotated
   * the password itself nobody can, and nobody needs to.
   *
   * @default 1
   */
  readonly adminPasswordVersion?: number;
}

/**
 * Vault's connection to a PostgreSQL database, over TLS that checks the server's name.
 *
 * The admin's first password comes by an ephemeral variable, is given once, and is checked when it is written. It
 * reaches neither plan nor state.
 *
 * @see https://developer.hashicorp.com/vault/api-docs/secret/databases/postgresql
 */
export class PostgresConnection extends Construct {
  readonly name: string;
  /** The connection's name as a reference, so that roles come after it. */
  readonly nameReference: string;
  readonly mount: IDatabaseMount;
  readonly groups: GroupRoles;
  /** The variable by which the admin's password is given. */
  readonly adminPasswordVariable: string;
  /** What must exist before a role is made. */
  readonly dependables: readonly ITerraformDependable[];
  private readonly server: PostgresServer;
  private readonly schema: string;
  private readonly roles: string[] = [];

  /**
   * @throws {InvalidProps} `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`, `SR-VAULT-POSTGRES`, `SR-VAULT-POSTGRES-HOST`,
   * `SR-VAULT-POSTGRES-GROUPS`, `SR-VALUE-VERSION`.
   */
  constructor(scope: Construct, id: string, props: PostgresConnectionProps) {
    super(scope, id);
    const stack = VaultStack.of(this);
    this.server = props.server ?? stack.vault.postgres;
    this.schema = props.schema ?? 'public';
    this.mount = props.mount;
    this.name = props.name;
    this.groups = props.groups ?? {
      owner: `${this.server.database}_owner`,
      reader: `${this.server.database}_readonly`,
    };
    const passwordVersion = props.adminPasswordVersion ?? 1;
    refuse(this, [
      vaultNameProblem('connection', 'name', this.name),
      ...postgresProblems('server', this.server),
      ...this.identifierProblems(),
      versionProblem(passwordVersion),
    ]);
    claimVaultName(this, 'name', { kind: 'connection', name: this.name, mount: this.mount.path });

    this.adminPasswordVariable = `${this.name.replaceAll(/[^a-z0-9_]/g, '_')}_admin_password`;
    const connection = new DatabaseSecretBackendConnection(this, 'connection', {
      backend: this.mount.path,
      name: this.name,
      pluginName: 'postgresql-database-plugin',
      allowedRoles: Lazy.listValue({ produce: () => [...this.roles].sort() }),
      verifyConnection: true,
      postgresql: {
        connectionUrl: connectionUrl(this.server),
        username: this.server.adminUsername,
        passwordWo: this.adminPassword(stack),
        passwordWoVersion: passwordVersion,
        passwordAuthentication: 'scram-sha-256',
        maxOpenConnections: POOL.open,
        maxIdleConnections: POOL.idle,
        maxConnectionLifetime: POOL.lifetimeSeconds,
        usernameTemplate: USERNAME_TEMPLATE,
      },
      ...after(this.mount.dependables),
      lifecycle: new PathGuard(this, 'name', `${this.mount.path}/${this.name}`).guarded,
    });
    this.nameReference = connection.name;
    this.dependables = [connection];
    this.addNextSteps(stack);
  }

  /** The SQL that the database's owner runs once, before this stack is deployed. */
  ownerSql(): string {
    const { database, adminUsername: admin } = this.server;
    return ownerSql({ database, schema: this.schema, admin, groups: this.groups });
  }

  /** The commands that end all users of this connection, to be run before it is destroyed or replaced. */
  revokeLeases(): string {
    const stack = VaultStack.of(this);
    return this.roles.map((role) => stack.command(`lease revoke @ -prefix ${this.mount.path}/creds/${role}`)).join('');
  }

  /** @internal by the roles themselves, so that the connection allows exactly those that exist */
  allow(role: string): void {
    this.roles.push(role);
  }

  private adminPassword(stack: VaultStack): string {
    claimName(this, 'name', { kind: 'variable', within: stack.node.id, name: this.adminPasswordVariable });
    const variable = new TerraformVariable(this, 'admin-password', {
      type: 'string',
      description: `Password of ${this.server.adminUsername} in ${this.server.database}; needed only when the connection is made or its password version raised`,
      sensitive: true,
      nullable: true,
    });
    variable.overrideLogicalId(this.adminPasswordVariable);
    // CDKTF 0.21 knows neither: without the default every plan would ask, and without ephemeral the value would be kept.
    variable.addOverride('default', null);
    variable.addOverride('ephemeral', true);
    return variable.stringValue;
  }

  private addNextSteps(stack: VaultStack): void {
    const { adminUsername, database } = this.server;
    stack.addNextStep({
      what: `Before ${stack.node.id} is deployed: the owner of database ${database} runs this once`,
      run: this.ownerSql(),
    });
    stack.addNextStep({
      what: `For the first deploy of ${stack.node.id} alone: give the password of ${adminUsername}, typed, never written down`,
      run: `read -rs TF_VAR_${this.adminPasswordVariable} && export TF_VAR_${this.adminPasswordVariable}\n`,
    });
    stack.addNextStep({
      what: `After the first deploy: have Vault change the password of ${adminUsername}, which nobody knows from then on`,
      run: stack.command(`write @ -f ${this.mount.path}/rotate-root/${this.name}`),
    });
  }

  private identifierProblems(): readonly (Problem | undefined)[] {
    const { owner, reader } = this.groups;
    return [
      identifierProblem('schema', this.schema),
      identifierProblem('groups.owner', owner),
      identifierProblem('groups.reader', reader),
      owner === reader || [owner, reader].includes(this.server.adminUsername)
        ? {
            code: 'SR-VAULT-POSTGRES-GROUPS',
            property: 'groups',
            message: `are ${owner} and ${reader} beside the admin ${this.server.adminUsername}, allowed are three different roles`,
            fix: 'give each its own name',
          }
        : undefined,
    ];
  }
}

/** User and password are put in by Vault; the CA file is read on its server. */
function connectionUrl({ host, port = 5432, database, caFile }: PostgresServer): string {
  return `postgresql://{{username}}:{{password}}@${host}:${port}/${database}?sslmode=verify-full&sslrootcert=${caFile}`;
}

function identifierProblem(property: string, name: string): Problem | undefined {
  if (isIdentifier(name)) return undefined;
  return {
    code: 'SR-VAULT-POSTGRES',
    property,
    message: `is ${JSON.stringify(name)}, allowed are lower-case letters, digits and underscores, at most 63, no digit first`,
    fix: 'write a name that PostgreSQL takes without quotes',
  };
}

function versionProblem(version: number): Problem | undefined {
  if (Number.isSafeInteger(version) && version >= 1) return undefined;
  return {
    code: 'SR-VALUE-VERSION',
    property: 'adminPasswordVersion',
    message: `is ${version}, allowed is a whole number from 1 up: below it Vault is sent no password at all`,
    fix: 'leave it out for 1',
  };
}
