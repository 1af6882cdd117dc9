import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { DbInstance } from '@cdktf/provider-aws/lib/db-instance';
import { DbParameterGroup } from '@cdktf/provider-aws/lib/db-parameter-group';
import { DbSubnetGroup } from '@cdktf/provider-aws/lib/db-subnet-group';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { type ITerraformDependable, Token } from 'cdktf';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import { nameProblem } from '../core/naming';
import { AwsStack } from './aws-stack';
import { DataKey } from './data-key';
import { NAME_RULES } from './names';
import { Network } from './network';
import type { ISecret } from './secret';

const PORT = 5432;

/** What PostgreSQL writes to CloudWatch. @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html */
const LOGS = ['postgresql', 'upgrade'] as const;

/** @see https://www.rfc-editor.org/rfc/rfc1123#section-2.1 */
const HOST = /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;
const LONGEST_HOST = 253;

/** Storage of an instance in GiB. @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html */
const STORAGE_GIB = { min: 20, max: 65_536, default: 20 } as const;

/** How long a failed-over or patched instance may take, within the night of most of Europe and Africa. */
const WINDOWS = { backup: '01:00-02:00', maintenance: 'sun:02:30-sun:03:30' } as const;

/** The certificate authority that the shipped bundle trusts. @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html */
const CERTIFICATE_AUTHORITY = 'rds-ca-rsa2048-g1';

/** The role that RDS makes the owner of everything; applications never log in with it. */
export const MASTER_ROLE = 'strongroom_master';

/** The password of a database's most powerful role, where it is kept. */
export interface SuperuserSecret {
  readonly arn: string;
  /** ARN of the key that it is encrypted with; absent for the account's own key. */
  readonly keyArn?: string;
}

/** A PostgreSQL database that a secret can open. */
export interface IPostgresDatabase {
  readonly host: string;
  readonly port: number;
  /** The database's name. */
  readonly name: string;
  /** Who can make and repair roles; without one a rotation can only start from a password that works. */
  readonly superuser: SuperuserSecret | undefined;
  /** The security group that lets clients in; absent where the database's own network does. */
  readonly securityGroupId: string | undefined;
  /** Whether this stack made it, so that no role exists in it yet. */
  readonly made: boolean;
  /** What must exist before somebody logs in. */
  readonly ready: readonly ITerraformDependable[];
}

/** Properties of {@link PostgresDatabase}. */
export interface PostgresDatabaseProps {
  /** The database's name inside PostgreSQL. */
  readonly name: string;
  /**
   * Major version of PostgreSQL.
   *
   * @default '17'
   */
  readonly version?: string;
  /** @default 'db.t4g.medium' */
  readonly instanceClass?: string;
  /**
   * Storage in GiB.
   *
   * @default 20
   */
  readonly storageGib?: number;
  /**
   * The key for storage, logs and the managed master secret.
   *
   * @default - the stack's data key
   */
  readonly key?: DataKey;
  /**
   * Whether the instance has a standby in another zone.
   *
   * @default - by tier
   */
  readonly multipleZones?: boolean;
  /**
   * Whether RDS refuses to delete it.
   *
   * @default - by tier
   */
  readonly deletionProtection?: boolean;
}

/** Properties of a database that exists. */
export interface ExistingDatabaseProps {
  readonly host: string;
  /** @default 5432 */
  readonly port?: number;
  readonly name: string;
  /**
   * The secret with `username` and `password` of a role that may make and repair roles.
   *
   * @default - none: the user's present password is an external value, and rotation is declared in a later deploy
   */
  readonly superuser?: ISecret;
  /**
   * The security group that lets clients in, where this stack may add rules to it.
   *
   * @default - the database's own network lets them in
   */
  readonly securityGroupId?: string;
}

/**
 * PostgreSQL on RDS, whose master password RDS makes, keeps and rotates: it is in no plan and no state.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
 */
export class PostgresDatabase extends Construct implements IPostgresDatabase {
  /**
   * A database that exists, by its host.
   *
   * @throws {InvalidProps} `SR-DATABASE-HOST`, `SR-DATABASE-PORT`; `SR-SECRET-BY-NAME` for a superuser's secret that is
   * known by its name only.
   */
  static existing(props: ExistingDatabaseProps): IPostgresDatabase {
    const { superuser } = props;
    refuse('PostgresDatabase.existing', [hostKnown(props.host), portKnown(props.port ?? PORT)]);
    // A rotation looks the secret up by its whole ARN.
    superuser?.whole();
    return {
      host: props.host,
      port: props.port ?? PORT,
      name: props.name,
      superuser:
        superuser === undefined
          ? undefined
          : { arn: superuser.arn, ...(superuser.keyArn === undefined ? {} : { keyArn: superuser.keyArn }) },
      securityGroupId: props.securityGroupId,
      made: false,
      ready: [],
    };
  }

  readonly host: string;
  readonly port = PORT;
  readonly name: string;
  readonly superuser: SuperuserSecret;
  readonly securityGroupId: string;
  readonly made = true;
  readonly ready: readonly ITerraformDependable[];
  /** The instance's identifier. */
  readonly identifier: string;

  /** @throws {InvalidProps} `SR-DATABASE-STORAGE`, `SR-DATABASE-VERSION`, `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`. */
  constructor(scope: Construct, id: string, props: PostgresDatabaseProps) {
    super(scope, id);
    const stack = AwsStack.of(this);
    const version = props.version ?? '17';
    const storage = props.storageGib ?? STORAGE_GIB.default;
    refuse(this, [
      versionKnown(version),
      storageAllowed(storage),
      nameProblem(NAME_RULES.databaseName, 'name', props.name),
    ]);
    this.name = props.name;
    this.identifier = stack.takeName(this, 'database', stack.resourceName(this.node.id), 'id');
    const network = Network.of(this);
    const key = props.key ?? DataKey.of(this);

    const group = new SecurityGroup(this, 'access', {
      name: stack.takeName(this, 'securityGroup', this.identifier, 'id'),
      description: `Who reaches the database ${this.identifier}`,
      vpcId: network.vpcId,
    });
    const subnets = new DbSubnetGroup(this, 'subnets', {
      name: stack.takeName(this, 'subnetGroup', this.identifier, 'id'),
      description: `Private subnets of ${this.identifier}`,
      subnetIds: [...network.subnetIds],
    });
    const instance = new DbInstance(this, 'instance', {
      identifier: this.identifier,
      engine: 'postgres',
      engineVersion: version,
      instanceClass: props.instanceClass ?? 'db.t4g.medium',
      allocatedStorage: storage,
      storageType: 'gp3',
      storageEncrypted: true,
      kmsKeyId: key.arn,
      dbName: props.name,
      port: PORT,
      username: MASTER_ROLE,
      manageMasterUserPassword: true,
      masterUserSecretKmsKeyId: key.arn,
      iamDatabaseAuthenticationEnabled: true,
      publiclyAccessible: false,
      dbSubnetGroupName: subnets.name,
      vpcSecurityGroupIds: [group.id],
      parameterGroupName: settings(this, this.identifier, version).name,
      caCertIdentifier: CERTIFICATE_AUTHORITY,
      multiAz: props.multipleZones ?? stack.defaults.multipleZones,
      deletionProtection: props.deletionProtection ?? stack.defaults.deletionProtection,
      skipFinalSnapshot: !stack.defaults.finalSnapshot,
      ...(stack.defaults.finalSnapshot ? { finalSnapshotIdentifier: `${this.identifier}-final` } : {}),
      deleteAutomatedBackups: !stack.defaults.finalSnapshot,
      backupRetentionPeriod: stack.defaults.backupRetentionDays,
      backupWindow: WINDOWS.backup,
      maintenanceWindow: WINDOWS.maintenance,
      copyTagsToSnapshot: true,
      autoMinorVersionUpgrade: true,
      allowMajorVersionUpgrade: false,
      applyImmediately: false,
      performanceInsightsEnabled: true,
      performanceInsightsKmsKeyId: key.arn,
      enabledCloudwatchLogsExports: [...LOGS],
      lifecycle: { preventDestroy: stack.defaults.preventDestroy },
      dependsOn: this.logGroups(stack, key),
    });
    this.host = instance.address;
    this.superuser = { arn: instance.masterUserSecret.get(0).secretArn, keyArn: key.arn };
    this.securityGroupId = group.id;
    this.ready = [instance];
  }

  /** Made before RDS makes them itself, without a key and for ever. */
  private logGroups(stack: AwsStack, key: DataKey): ITerraformDependable[] {
    return LOGS.map((log) => {
      const name = `/aws/rds/instance/${this.identifier}/${log}`;
      return new CloudwatchLogGroup(this, `log-${log}`, {
        name: stack.takeName(this, 'logGroup', name, 'id'),
        kmsKeyId: key.arn,
        retentionInDays: stack.defaults.logRetentionDays,
      });
    });
  }
}

/**
 * Named after the version, and made before the old one goes: a group belongs to one version for good, and one that is in
 * use can't be deleted.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
 */
function settings(scope: Construct, identifier: string, version: string): DbParameterGroup {
  const stack = AwsStack.of(scope);
  return new DbParameterGroup(scope, 'settings', {
    name: stack.takeName(scope, 'parameterGroup', `${identifier}-postgres${version}`, 'id'),
    family: `postgres${version}`,
    description: `TLS and SCRAM for ${identifier}`,
    parameter: [
      { name: 'rds.force_ssl', value: '1' },
      { name: 'password_encryption', value: 'scram-sha-256' },
      // Off on purpose: with ddl, somebody's ALTER ROLE … PASSWORD would stand in the log in clear.
      { name: 'log_statement', value: 'none' },
      { name: 'log_connections', value: '1' },
    ],
    lifecycle: { createBeforeDestroy: true },
  });
}

function hostKnown(host: string): Problem | undefined {
  if (Token.isUnresolved(host) || (HOST.test(host) && host.length <= LONGEST_HOST)) return undefined;
  return {
    code: 'SR-DATABASE-HOST',
    property: 'host',
    message: `is ${JSON.stringify(host)}, allowed is a host name alone`,
    fix: 'write the name that is in the certificate of the server, without scheme, user and port',
  };
}

function portKnown(port: number): Problem | undefined {
  if (Token.isUnresolved(port) || (Number.isInteger(port) && port >= 1 && port <= 65_535)) return undefined;
  return {
    code: 'SR-DATABASE-PORT',
    property: 'port',
    message: `is ${port}, allowed are whole numbers from 1 to 65535`,
    fix: `leave it out for ${PORT}`,
  };
}

function versionKnown(version: string): Problem | undefined {
  if (/^1[3-9]$/.test(version)) return undefined;
  return {
    code: 'SR-DATABASE-VERSION',
    property: 'version',
    message: `is ${JSON.stringify(version)}, allowed is a major version from 13 up`,
    fix: "write the major version alone, such as '17': RDS chooses the newest minor one",
  };
}

function storageAllowed(storage: number): Problem | undefined {
  if (Number.isInteger(storage) && storage >= STORAGE_GIB.min && storage <= STORAGE_GIB.max) return undefined;
  return {
    code: 'SR-DATABASE-STORAGE',
    property: 'storageGib',
    message: `is ${storage}, allowed are whole GiB from ${STORAGE_GIB.min} to ${STORAGE_GIB.max}`,
    fix: `leave it out for ${STORAGE_GIB.default}`,
  };
}
