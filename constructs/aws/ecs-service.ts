import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { EcsService as Service } from '@cdktf/provider-aws/lib/ecs-service';
import { EcsTaskDefinition } from '@cdktf/provider-aws/lib/ecs-task-definition';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { refuse } from '../core/errors';
import type { Grant } from '../core/grant';
import type { Workload } from '../core/workload';
import { AwsStack } from './aws-stack';
import { containerDefinitions, scratchVolume } from './container-definition';
import { type ContainerImage, containerImage } from './container-image';
import { DataKey } from './data-key';
import { openDatabasePath } from './database-path';
import { DatabaseSecret } from './database-secret';
import { EcsCluster, type IEcsCluster } from './ecs-cluster';
import { imageReachable, DEFAULT_SIZE as SIZE, serviceProblems } from './ecs-service-problems';
import { type IIdentity, ServiceRole } from './identity';
import { Network } from './network';
import { NetworkClient } from './network-client';
import { RedeployOnRotation } from './redeploy-on-rotation';
import type { ISecret } from './secret';
import type { SecretField } from './secret-field';

/** What a service does when a secret that its containers were started with rotates. */
export type OnRotation =
  /** It is deployed again: its tasks are replaced one by one and start with the new value. */
  | 'redeploy'
  /** Its program reads the secret again by itself, from Secrets Manager, when a login fails. */
  | 'rereads';

/** Properties of {@link EcsService}. */
export interface EcsServiceProps {
  /** The program that runs in the service. */
  readonly workload: Workload;
  /**
   * The image with its version, such as `myapp:1.4.2`. Without a registry it is one of the environment's own ECR.
   */
  readonly image: string;
  /**
   * Variables that ECS fills with secrets when a task starts. Naming a field here is the grant: the service's execution
   * role may read that secret and no other.
   *
   * @default {}
   */
  readonly secrets?: Readonly<Record<string, SecretField>>;
  /**
   * Plain variables, readable by everybody who may see the task definition.
   *
   * @default {}
   */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * What happens when one of the secrets rotates; required when one does.
   *
   * @default - none of the secrets rotates
   */
  readonly onRotation?: OnRotation;
  /**
   * The cluster to run in.
   *
   * @default - the stack's own cluster, made at first use
   */
  readonly cluster?: IEcsCluster;
  /**
   * CPU units; 1024 are one processor.
   *
   * @default 256
   */
  readonly cpu?: number;
  /**
   * Memory in MiB.
   *
   * @default 512
   */
  readonly memory?: number;
  /** @default 'arm64' */
  readonly architecture?: 'arm64' | 'x86_64';
  /**
   * How many tasks run.
   *
   * @default - 2 where the tier wants several zones, else 1
   */
  readonly tasks?: number;
  /**
   * The command that replaces the image's own.
   *
   * @default - the image's
   */
  readonly command?: readonly string[];
  /**
   * The user that the program runs as, never root.
   *
   * @default - the image's
   */
  readonly user?: string;
  /**
   * The port that the program listens on.
   *
   * @default - it listens on none
   */
  readonly port?: number;
  /**
   * Folders that the program may write to; they are empty at start. Nothing else can be written to.
   *
   * @default []
   */
  readonly scratch?: readonly string[];
}

/**
 * A Fargate service in private subnets, whose secrets are injected when a task starts.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
 */
export class EcsService extends Construct {
  /** The service's physical name. */
  readonly name: string;
  /** The role with which ECS injects the secrets, pulls the image and writes logs; the program never has it. */
  readonly executionRole: IIdentity;
  /** The role of the program itself, for secrets that it reads on its own: `secret.grantRead(service.taskRole)`. */
  readonly taskRole: IIdentity;
  /** What the execution role may do, and why, one grant for each secret. */
  readonly grants: readonly Grant[];
  /** The tasks' place in the network. */
  readonly network: NetworkClient;

  /**
   * @throws {InvalidProps} `SR-ECS-IMAGE`, `SR-ECS-IMAGE-UNREACHABLE`, `SR-ECS-SIZE`, `SR-ECS-TASKS`, `SR-ECS-USER`,
   * `SR-ECS-SCRATCH`, `SR-ECS-VARIABLE`, `SR-ECS-PLAIN-SECRET`, `SR-ECS-WORKLOAD`, `SR-ECS-ON-ROTATION`,
   * `SR-AWS-NO-TRAIL`, `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`.
   */
  constructor(scope: Construct, id: string, props: EcsServiceProps) {
    super(scope, id);
    const stack = AwsStack.of(this);
    const { workload, onRotation, secrets = {}, scratch = [] } = props;
    const tasks = props.tasks ?? (stack.defaults.multipleZones ? 2 : 1);
    const image = containerImage(props.image, stack);
    refuse(this, [...serviceProblems(props, tasks), imageReachable(stack.aws.network.kind, image)]);

    this.name = stack.takeName(
      this,
      'service',
      stack.resourceName(workload.name === stack.appName ? '' : workload.name),
    );
    const cluster = props.cluster ?? EcsCluster.of(this);
    const logs = new CloudwatchLogGroup(this, 'logs', {
      name: stack.takeName(this, 'logGroup', `/ecs/${this.name}`),
      kmsKeyId: DataKey.of(this).arn,
      retentionInDays: stack.defaults.logRetentionDays,
    });
    const execution = taskRole(this, 'execution', `${this.name}-execution`, `Starts tasks of ${this.name}`);
    const task = taskRole(this, 'task', `${this.name}-task`, `The program in ${this.name}`);
    this.executionRole = execution;
    this.taskRole = task;
    const injected = distinct(Object.values(secrets).map((field) => field.secret));
    this.grants = injected.map((secret) => secret.grantRead(execution));
    const starts = startsTasks(stack, execution, logs.arn, image);

    this.network = new NetworkClient(this, 'network', {
      name: this.name,
      description: `Tasks of ${this.name}`,
      pullsImages: true,
    });
    const definition = new EcsTaskDefinition(this, 'definition', {
      family: this.name,
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: String(props.cpu ?? SIZE.cpu),
      memory: String(props.memory ?? SIZE.memory),
      runtimePlatform: {
        operatingSystemFamily: 'LINUX',
        cpuArchitecture: (props.architecture ?? 'arm64').toUpperCase(),
      },
      executionRoleArn: execution.arn,
      taskRoleArn: task.arn,
      containerDefinitions: containerDefinitions({
        name: workload.name,
        image: image.reference,
        environment: props.environment ?? {},
        secrets: Object.fromEntries(Object.entries(secrets).map(([name, field]) => [name, field.valueFrom])),
        scratch,
        log: { group: logs.name, region: stack.region },
        ...(props.command === undefined ? {} : { command: props.command }),
        ...(props.user === undefined ? {} : { user: props.user }),
        ...(props.port === undefined ? {} : { port: props.port }),
      }),
      volume: scratch.map((_, n) => ({ name: scratchVolume(n) })),
    });
    new Service(this, 'service', {
      name: this.name,
      cluster: cluster.arn,
      taskDefinition: definition.arn,
      launchType: 'FARGATE',
      desiredCount: tasks,
      networkConfiguration: {
        subnets: [...Network.of(this).subnetIds],
        securityGroups: [this.network.securityGroupId],
        assignPublicIp: false,
      },
      deploymentCircuitBreaker: { enable: true, rollback: true },
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      enableEcsManagedTags: true,
      propagateTags: 'SERVICE',
      // A first rotation must be asked for before a task starts: the seed never logs in.
      dependsOn: [
        ...new Set([
          ...injected.flatMap((secret) => secret.ready),
          ...this.grants.flatMap((grant) => grant.dependables),
          starts,
          ...this.network.ready,
          ...this.databases(injected),
          ...(onRotation === 'redeploy' ? this.redeployAfter(injected, cluster) : []),
        ]),
      ],
    });
  }

  /** A secret of a database is of no use without a way to that database. */
  private databases(secrets: readonly ISecret[]): readonly ITerraformDependable[] {
    const databases = distinct(secrets.filter((secret) => secret instanceof DatabaseSecret).map((one) => one.database));
    return databases.flatMap((database, n) => [
      ...database.ready,
      ...openDatabasePath(this.network, `database-${n}`, database),
    ]);
  }

  private redeployAfter(secrets: readonly ISecret[], cluster: IEcsCluster): readonly ITerraformDependable[] {
    const rotating = secrets.filter((secret) => secret.rotates);
    if (rotating.length === 0) return [];
    return new RedeployOnRotation(this, 'redeploy', { secrets: rotating, cluster, serviceName: this.name }).ready;
  }
}

function taskRole(scope: Construct, id: string, name: string, description: string): ServiceRole {
  const sourceArns = [AwsStack.of(scope).arn('ecs', '*')];
  return new ServiceRole(scope, id, { name, service: 'ecs-tasks.amazonaws.com', description, sourceArns });
}

/** What ECS itself does with the execution role, besides reading the secrets that are granted to it. */
function startsTasks(
  stack: AwsStack,
  role: IIdentity,
  logGroupArn: string,
  { ecr }: ContainerImage,
): ITerraformDependable {
  if (ecr !== undefined) {
    const { accountId, region, repository } = ecr;
    role.allow({
      Sid: 'PullImage',
      Effect: 'Allow',
      Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      Resource: `arn:${stack.partition}:ecr:${region}:${accountId}:repository/${repository}`,
    });
    // The token is for the whole registry: this action knows no resource.
    role.allow({ Sid: 'LogInToRegistry', Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' });
  }
  return role.allow({
    Sid: 'WriteLogs',
    Effect: 'Allow',
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: `${logGroupArn}:*`,
  });
}

function distinct<T>(list: readonly T[]): readonly T[] {
  return [...new Set(list)];
}
