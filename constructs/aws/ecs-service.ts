import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { EcsService as Service } from '@cdktf/provider-aws/lib/ecs-service';
import { EcsTaskDefinition } from '@cdktf/provider-aws/lib/ecs-task-definition';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import type { Workload } from '../core/workload';
import { AwsStack } from './aws-stack';
import { containerDefinitions, scratchVolume, variableProblems } from './container-definition';
import { containerImage, imageProblem } from './container-image';
import { EcsCluster, type IEcsCluster } from './ecs-cluster';
import { fargateSizeProblem } from './fargate-size';
import { RedeployOnRotation } from './redeploy-on-rotation';
import type { SecretField } from './secret';

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

/** A Fargate service in private subnets, with secrets that are injected when a task starts. */
export class EcsService extends Construct {
  /** The role that ECS injects secrets, pulls the image and writes logs with; the program never has it. */
  readonly executionRole: ServiceRole;
  /** The role that the program itself has: for secrets that it reads with the SDK, `secret.grantRead(service.taskRole)`. */
  readonly taskRole: ServiceRole;
  /** The service's name. */
  readonly name: string;
  /** The security group of its tasks. */
  readonly securityGroupId: string;
}
