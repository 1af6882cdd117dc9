import type { EnvironmentsReport } from '../core/app';
import type { CoreEnvironment } from '../core/environment';
import type { Problem } from '../core/errors';

/**
 * The oldest servers that the provider's constraint and these constructs work with.
 *
 * Vault: what version 5 of the provider supports. OpenBao: the first version whose own file declares audit devices.
 *
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs#vault-version-support
 * @see https://openbao.org/docs/configuration/audit
 */
const OLDEST = { vault: '1.15.0', openbao: '2.4.0' } as const;

const VERSION = /^(\d+)\.(\d+)\.(\d+)$/;
const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/;
const CERTIFICATES = /^(?:\s*-----BEGIN CERTIFICATE-----\s+(?:[A-Za-z0-9+/=]+\s+)+-----END CERTIFICATE-----)+\s*$/;
/** A path on the server, without what would have to be escaped in a URL. */
const SERVER_PATH = /^(?:\/[A-Za-z0-9._-]+)+$/;
/** What PostgreSQL takes without quotes and without folding, up to its limit of 63 bytes. */
const IDENTIFIER = /^[a-z_][a-z0-9_]{0,62}$/;
const NAMESPACE = /^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*$/;
const PORTS = { min: 1, max: 65_535 } as const;

/** The Kubernetes cluster whose service accounts log in to Vault. */
export interface KubernetesCluster {
  /** The API server's URL as Vault's server reaches it, `https://…`. */
  readonly host: string;
  /** The certificates that sign the API server's, PEM. */
  readonly caCertificate: string;
}

/** A PostgreSQL database in which Vault makes users. */
export interface PostgresServer {
  /** The host's name or address as Vault's server reaches it. */
  readonly host: string;
  /** @default 5432 */
  readonly port?: number;
  /** The database. */
  readonly database: string;
  /** The user as whom Vault makes users: CREATEROLE, no superuser. Its password is never written down here. */
  readonly adminUsername: string;
  /** The CA certificates that sign the database's, a path on Vault's server. */
  readonly caFile: string;
}

/** Where the audit logs of a server go. */
export interface AuditPlaces {
  /**
   * The directory of the audit files, a path on Vault's server.
   *
   * @default '/var/log/vault'
   */
  readonly directory?: string;
  /**
   * A collector that takes audit lines over TCP, `host:port`.
   *
   * @default - the second device is the syslog of Vault's server
   */
  readonly socket?: string;
}

/** How Terraform logs in to Vault with a signed token of the pipeline. */
export interface JwtLogin {
  /** The role of the JWT auth method. The token itself comes in the environment as `TERRAFORM_VAULT_AUTH_JWT`. */
  readonly role: string;
  /**
   * The path of the JWT auth method.
   *
   * @default 'jwt'
   */
  readonly mount?: string;
}

/** The Vault (or OpenBao) of one environment. */
export interface VaultEnvironment {
  /** The server's URL, `https://…`; `http://` only in the sandbox tier. */
  readonly address: string;
  /** Which server it is: audit devices are resources on Vault, and a stanza of the server's own file on OpenBao. */
  readonly server: 'vault' | 'openbao';
  /** The server's version, three numbers, such as `1.21.1`. */
  readonly version: string;
  /** The edition; OpenBao has only the community's. */
  readonly edition: 'community' | 'enterprise';
  /**
   * Whether this environment has the server (or the namespace) for itself. Otherwise mounts, policies, auth methods and
   * audit devices have the environment's name in front, such as `prod-secret`.
   *
   * @default false
   */
  readonly serverAlone?: boolean;
  /**
   * The namespace in which everything is made, without slashes at its ends.
   *
   * @default - the root namespace
   */
  readonly namespace?: string;
  /**
   * How Terraform logs in.
   *
   * @default - with the token in `VAULT_TOKEN`
   */
  readonly login?: JwtLogin;
  /**
   * Where the audit logs go.
   *
   * @default - files in `/var/log/vault`, and syslog
   */
  readonly audit?: AuditPlaces;
  readonly kubernetes: KubernetesCluster;
  readonly postgres: PostgresServer;
}

/** An environment that has a Vault. */
export interface HasVault {
  readonly vault: VaultEnvironment;
}

/** Where a Vault's names must be unique: the server, or the namespace in it. */
export function vaultScope({ address, namespace }: Pick<VaultEnvironment, 'address' | 'namespace'>): string {
  return namespace === undefined ? `Vault ${address}` : `Vault ${address} namespace ${namespace}`;
}

/** Everything that is wrong with the Vaults of all environments, and what is worth a second look. */
export function checkVaultEnvironments(environments: readonly (CoreEnvironment & HasVault)[]): EnvironmentsReport {
  const problems = environments.flatMap((environment) => vaultProblems(environment));
  const shared = sharedScopes(environments);
  return {
    problems: [...problems, ...shared.flatMap(notAlone)],
    warnings: shared.flatMap(sharedWithProduction),
  };
}

/** Everything that is wrong with one database's coordinates. */
export function postgresProblems(property: string, postgres: PostgresServer): readonly Problem[] {
  const { host, port = 5432, database, adminUsername, caFile } = postgres;
  return present([
    hostProblem(`${property}.host`, host),
    form('SR-VAULT-POSTGRES', `${property}.port`, port, isPort(port), 'a whole number from 1 to 65535'),
    form('SR-VAULT-POSTGRES', `${property}.database`, database, IDENTIFIER.test(database), IDENTIFIER_WORDS),
    form(
      'SR-VAULT-POSTGRES',
      `${property}.adminUsername`,
      adminUsername,
      IDENTIFIER.test(adminUsername),
      IDENTIFIER_WORDS,
    ),
    form('SR-VAULT-POSTGRES', `${property}.caFile`, caFile, SERVER_PATH.test(caFile), SERVER_PATH_WORDS),
  ]);
}

/** Everything that is wrong with a cluster's coordinates. */
export function kubernetesProblems(property: string, { host, caCertificate }: KubernetesCluster): readonly Problem[] {
  return present([
    form(
      'SR-VAULT-KUBERNETES-HOST',
      `${property}.host`,
      host,
      isPlainUrl(host, ['https:']),
      'an https URL without a path',
    ),
    CERTIFICATES.test(caCertificate)
      ? undefined
      : {
          code: 'SR-VAULT-KUBERNETES-CA',
          property: `${property}.caCertificate`,
          message: 'is not a list of PEM certificates',
          fix: "copy the cluster's CA certificate, from BEGIN CERTIFICATE to END CERTIFICATE; outside a pod Vault has no other way to know the API server",
        },
  ]);
}

const IDENTIFIER_WORDS = 'lower-case letters, digits and underscores, at most 63, no digit first';
const SERVER_PATH_WORDS = 'an absolute path of letters, digits, dots, hyphens and underscores';

function vaultProblems({ name, tier, vault }: CoreEnvironment & HasVault): readonly Problem[] {
  const at = `${name}.vault`;
  const schemes = tier === 'sandbox' ? ['https:', 'http:'] : ['https:'];
  return present([
    form(
      'SR-VAULT-ADDRESS',
      `${at}.address`,
      vault.address,
      isPlainUrl(vault.address, schemes),
      tier === 'sandbox'
        ? 'a URL without user, path and trailing slash'
        : `an https URL without user, path and trailing slash; http is for the sandbox tier, this is ${tier}`,
    ),
    ...serverProblems(at, vault),
    ...(vault.login === undefined ? [] : loginProblems(`${at}.login`, vault.login)),
    ...(vault.audit === undefined ? [] : auditProblems(`${at}.audit`, vault.audit)),
    ...kubernetesProblems(`${at}.kubernetes`, vault.kubernetes),
    ...postgresProblems(`${at}.postgres`, vault.postgres),
  ]);
}

function serverProblems(at: string, vault: VaultEnvironment): readonly (Problem | undefined)[] {
  const known = vault.server === 'vault' || vault.server === 'openbao';
  const edition = vault.edition === 'community' || vault.edition === 'enterprise';
  return [
    form('SR-VAULT-SERVER', `${at}.server`, vault.server, known, "'vault' and 'openbao'"),
    form('SR-VAULT-EDITION', `${at}.edition`, vault.edition, edition, "'community' and 'enterprise'"),
    known ? versionProblem(`${at}.version`, vault) : undefined,
    vault.server === 'openbao' && vault.edition === 'enterprise'
      ? {
          code: 'SR-VAULT-EDITION',
          property: `${at}.edition`,
          message: 'is enterprise, but OpenBao has no such edition',
          fix: "write 'community'",
        }
      : undefined,
    ...namespaceProblems(`${at}.namespace`, vault),
  ];
}

function versionProblem(property: string, { server, version }: VaultEnvironment): Problem | undefined {
  if (VERSION.test(version) && !isOlder(version, OLDEST[server])) return undefined;
  return {
    code: 'SR-VAULT-VERSION',
    property,
    message: `is ${JSON.stringify(version)}, allowed are three numbers from ${OLDEST[server]} up for ${server}`,
    fix: 'write what `vault status` (or `bao status`) says, without an edition suffix',
  };
}

function namespaceProblems(property: string, vault: VaultEnvironment): readonly (Problem | undefined)[] {
  const { namespace } = vault;
  if (namespace === undefined) return [];
  return [
    form(
      'SR-VAULT-NAMESPACE',
      property,
      namespace,
      NAMESPACE.test(namespace) && namespace !== 'root',
      'letters, digits, hyphens and underscores, single slashes between parts and none at the ends',
    ),
    vault.server === 'vault' && vault.edition === 'community'
      ? {
          code: 'SR-VAULT-NAMESPACE',
          property,
          message: `is ${JSON.stringify(namespace)}, but Vault's community edition has no namespaces`,
          fix: "leave it out, or say edition: 'enterprise' if that is what runs",
        }
      : undefined,
  ];
}

function loginProblems(property: string, { role, mount = 'jwt' }: JwtLogin): readonly (Problem | undefined)[] {
  const name = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;
  const words = 'letters, digits, dots, hyphens and underscores';
  return [
    form('SR-VAULT-LOGIN', `${property}.role`, role, name.test(role), words),
    form('SR-VAULT-LOGIN', `${property}.mount`, mount, name.test(mount), words),
  ];
}

function auditProblems(property: string, { directory, socket }: AuditPlaces): readonly (Problem | undefined)[] {
  return [
    directory === undefined
      ? undefined
      : form('SR-VAULT-AUDIT-FILE', `${property}.directory`, directory, SERVER_PATH.test(directory), SERVER_PATH_WORDS),
    socket === undefined
      ? undefined
      : form('SR-VAULT-AUDIT-SOCKET', `${property}.socket`, socket, isHostAndPort(socket), 'host:port'),
  ];
}

/** Environments that name one server (or one namespace of it). */
type Sharing = readonly (CoreEnvironment & HasVault)[];

function sharedScopes(environments: readonly (CoreEnvironment & HasVault)[]): readonly Sharing[] {
  const scopes = environments.map(({ vault }) => vaultScope(vault));
  return [...new Set(scopes)]
    .map((scope) => environments.filter((_, index) => scopes[index] === scope))
    .filter((sharing) => sharing.length > 1);
}

function notAlone(sharing: Sharing): readonly Problem[] {
  return sharing
    .filter(({ vault }) => vault.serverAlone === true)
    .map(({ name, vault }) => ({
      code: 'SR-VAULT-NOT-ALONE',
      property: `${name}.vault.serverAlone`,
      message: `is true, but ${others(sharing, name)} also ${sharing.length > 2 ? 'use' : 'uses'} ${vaultScope(vault)}`,
      fix: 'leave it out, so that names have the environment in front, or give each environment its own server',
    }));
}

function sharedWithProduction(sharing: Sharing): readonly string[] {
  return sharing
    .filter(({ tier }) => tier === 'production')
    .map(
      ({ name, vault }) =>
        `${name}.vault.address: production shares ${vaultScope(vault)} with ${others(sharing, name)}; an operator of one can read the other, and one outage or seal takes both`,
    );
}

function others(sharing: Sharing, name: string): string {
  return sharing
    .map((environment) => environment.name)
    .filter((one) => one !== name)
    .join(', ');
}

function hostProblem(property: string, host: string): Problem | undefined {
  if (HOST_NAME.test(host)) return undefined;
  // The value is not repeated: what does not look like a host may well be a URL with a password in it.
  return {
    code: 'SR-VAULT-POSTGRES-HOST',
    property,
    message: 'is not a plain host name or IPv4 address; a scheme, user, password, port or path does not belong here',
    fix: 'write the name alone, such as db.example.com: Vault puts user and password in by itself',
  };
}

function form(code: string, property: string, value: unknown, fits: boolean, allowed: string): Problem | undefined {
  if (fits) return undefined;
  return { code, property, message: `is ${shown(value)}, allowed is ${allowed}`, fix: 'write it in that form' };
}

/** A value as a message may show it: what stands before an `@` can be a password. */
function shown(value: unknown): string {
  return typeof value === 'string' && value.includes('@') ? 'a text with an @' : JSON.stringify(value);
}

function isPlainUrl(text: string, schemes: readonly string[]): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const bare = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return schemes.includes(url.protocol) && bare && text === url.origin;
}

/** Whether a text is `host:port`. */
export function isHostAndPort(text: string): boolean {
  const [host, port, ...more] = text.split(':');
  return more.length === 0 && HOST_NAME.test(host ?? '') && /^\d+$/.test(port ?? '') && isPort(Number(port));
}

/** Whether a text is a name that PostgreSQL takes without quotes. */
export function isIdentifier(text: string): boolean {
  return IDENTIFIER.test(text);
}

/** Whether a text is an absolute path on a server, without what a URL or a shell would read otherwise. */
export function isServerPath(text: string): boolean {
  return SERVER_PATH.test(text);
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= PORTS.min && port <= PORTS.max;
}

function isOlder(version: string, than: string): boolean {
  const [left, right] = [version, than].map((text) => text.split('.').map(Number));
  const at = left?.findIndex((number, index) => number !== right?.[index]) ?? -1;
  return at >= 0 && Number(left?.[at]) < Number(right?.[at]);
}

function present(problems: readonly (Problem | undefined)[]): readonly Problem[] {
  return problems.filter((problem): problem is Problem => problem !== undefined);
}
