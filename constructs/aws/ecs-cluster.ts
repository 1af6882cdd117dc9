import { EcsCluster as Cluster } from '@cdktf/provider-aws/lib/ecs-cluster';
import { Construct } from 'constructs';
import { AwsStack } from './aws-stack';

const CHILD = 'cluster';

/** A cluster that services run in, created here or given. */
export interface IEcsCluster {
  readonly name: string;
  readonly arn: string;
}

/** Properties of {@link EcsCluster}. */
export interface EcsClusterProps {
  /**
   * The end of the cluster's name, after the environment's and the app's.
   *
   * @default - the name ends with the app's
   */
  readonly name?: string;
}

/** A cluster of ECS for Fargate services, with container insights on. */
export class EcsCluster extends Construct implements IEcsCluster {
  /** A cluster of the environment's account and region that exists already, by its name. */
  static fromName(scope: Construct, name: string): IEcsCluster {
    return { name, arn: AwsStack.of(scope).arn('ecs', `cluster/${name}`) };
  }

  /** The cluster of a construct's stack, made at first use. */
  static of(construct: Construct): IEcsCluster {
    const stack = AwsStack.of(construct);
    const present = stack.node.tryFindChild(CHILD);
    return present instanceof EcsCluster ? present : new EcsCluster(stack, CHILD);
  }

  readonly name: string;
  readonly arn: string;

  /** @throws {InvalidProps} `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`. */
  constructor(scope: Construct, id: string, props: EcsClusterProps = {}) {
    super(scope, id);
    const stack = AwsStack.of(this);
    this.name = stack.takeName(this, 'cluster', stack.resourceName(props.name ?? ''));
    const cluster = new Cluster(this, 'cluster', {
      name: this.name,
      setting: [{ name: 'containerInsights', value: 'enabled' }],
    });
    this.arn = cluster.arn;
  }
}
