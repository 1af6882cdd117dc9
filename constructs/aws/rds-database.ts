import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { DbInstance } from '@cdktf/provider-aws/lib/db-instance';
import { DbParameterGroup, type DbParameterGroupParameter } from '@cdktf/provider-aws/lib/db-parameter-group';
import { DbSubnetGroup } from '@cdktf/provider-aws/lib/db-subnet-group';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import { AwsStack } from './aws-stack';
import { DataKey } from './data-key';
import type { DatabaseFamily, IDatabase, SuperuserSecret } from './database';
import { Network } from './network';

/** Storage of an instance in GiB. @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html */
const STORAGE_GIB = { min: 20, max: 65_536, default: 20 } as const;

/** How long a failed-over or patched instance may take, within the night of most of Europe and Africa. */
const WINDOWS = { backup: '01:00-02:00', maintenance: 'sun:02:30-sun:03:30' } as const;

/** The certificate authority that the shipped bundle trusts. @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html */
const CERTIFICATE_AUTHORITY = 'rds-ca-rsa2048-g1';

/** What every database on RDS can be told. */
export interface RdsDatabaseProps {
  /** The database's name inside the server. */
  readonly name: string;
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

/** What differs between the products that RDS runs. */
export interface RdsProduct<F extends DatabaseFamily> {
  readonly engine: F;
  readonly version: string;
  readonly port: number;
  /** The role that RDS makes the owner of everything; applications never log in with it. */
  readonly masterRole: string;
  /** Logs that go to CloudWatch. */
  readonly logs: readonly string[];
  /** What the parameter group is for, and its parameters. */
  readonly settings: { readonly why: string; readonly parameters: readonly DbParameterGroupParameter[] };
  /** What the product finds wrong in its own properties. */
  readonly problems: readonly (Problem | undefined)[];
}

/**
 * An instance of RDS, whose master password RDS makes, keeps and rotates: it is in no plan and no state.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
 */
export abstract class RdsDatabase<F extends DatabaseFamily> extends Construct implements IDatabase {
  readonly engine: F;
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly superuser: SuperuserSecret;
  readonly securityGroupId: string;
  readonly made = true;
  readonly ready: readonly ITerraformDependable[];
  /** The instance's identifier. */
  readonly identifier: string;

  protected constructor(scope: Construct, id: string, props: RdsDatabaseProps, product: RdsProduct<F>) {
    super(scope, id);
    const stack = AwsStack.of(this);
    const storage = props.storageGib ?? STORAGE_GIB.default;
    const [version, ...more] = product.problems;
    refuse(this, [version, storageAllowed(storage), ...more]);
    this.engine = product.engine;
    this.port = product.port;
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
      engine: product.engine,
      engineVersion: product.version,
      instanceClass: props.instanceClass ?? 'db.t4g.medium',
      allocatedStorage: storage,
      storageType: 'gp3',
      storageEncrypted: true,
      kmsKeyId: key.arn,
      dbName: props.name,
      port: product.port,
      username: product.masterRole,
      manageMasterUserPassword: true,
      masterUserSecretKmsKeyId: key.arn,
      iamDatabaseAuthenticationEnabled: true,
      publiclyAccessible: false,
      dbSubnetGroupName: subnets.name,
      vpcSecurityGroupIds: [group.id],
      parameterGroupName: this.parameters(product).name,
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
      enabledCloudwatchLogsExports: [...product.logs],
      lifecycle: { preventDestroy: stack.defaults.preventDestroy },
      dependsOn: this.logGroups(product.logs, key),
    });
    this.host = instance.address;
    this.superuser = { arn: instance.masterUserSecret.get(0).secretArn, keyArn: key.arn };
    this.securityGroupId = group.id;
    this.ready = [instance];
  }

  /**
   * Named after the version, and made before the old one goes: a group belongs to one version for good, and one that is
   * in use can't be deleted.
   */
  private parameters({ engine, version, settings }: RdsProduct<F>): DbParameterGroup {
    const name = `${this.identifier}-${engine}${version}`.replaceAll('.', '-');
    return new DbParameterGroup(this, 'settings', {
      name: AwsStack.of(this).takeName(this, 'parameterGroup', name, 'id'),
      family: `${engine}${version}`,
      description: `${settings.why} for ${this.identifier}`,
      parameter: [...settings.parameters],
      lifecycle: { createBeforeDestroy: true },
    });
  }

  /** Made before RDS makes them itself, without a key and for ever. */
  private logGroups(logs: readonly string[], key: DataKey): ITerraformDependable[] {
    const stack = AwsStack.of(this);
    return logs.map((log) => {
      const name = `/aws/rds/instance/${this.identifier}/${log}`;
      return new CloudwatchLogGroup(this, `log-${log}`, {
        name: stack.takeName(this, 'logGroup', name, 'id'),
        kmsKeyId: key.arn,
        retentionInDays: stack.defaults.logRetentionDays,
      });
    });
  }
}

/** A version that RDS offers as a new instance, and for which it makes minor upgrades by itself. */
export function versionAmong(version: string, allowed: readonly string[], newest: string): Problem | undefined {
  if (allowed.includes(version)) return undefined;
  return {
    code: 'SR-DATABASE-VERSION',
    property: 'version',
    message: `is ${JSON.stringify(version)}, allowed are ${allowed.join(', ')}`,
    fix: `write the major version alone, such as '${newest}': RDS chooses the newest minor one`,
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
