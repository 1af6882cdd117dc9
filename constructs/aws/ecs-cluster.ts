import { EcsCluster as Cluster } from '@cdktf/provider-aws/lib/ecs-cluster';
import { Construct } from 'constructs';
import { AwsStack } from './aws-stack';

/** A cluster that services run in, created here or given. */
export interface IEcsCluster {
  readonly name: string;
  readonly arn: string;
}

/** Properties of {@link EcsCluster}. */
export interface EcsClusterProps {
  /**
   * The cluster's name, before which the environment is put.
   *
   * @default - the app's name
   */
  readonly name?: string;
}

/** A cluster of ECS for Fargate services, with container insights on. */
export class EcsCluster extends Construct implements IEcsCluster {
  /** A cluster of the environment's account and region that exists already, by its name. */
  static fromName(scope: Construct, name: string): IEcsCluster {
    return { name, arn: AwsStack.of(scope).arn('ecs', `cluster/${name}`) };
  }

  readonly name: string;
  readonly arn: string;

  constructor(scope: Construct, id: string, props: EcsClusterProps = {}) {
    super(scope, id);
    const stack = AwsStack.of(this);
    this.name = stack.physicalName(props.name ?? stack.appName);
    const cluster = new Cluster(this, 'cluster', {
      name: this.name,
      setting: [{ name: 'containerInsights', value: 'enabled' }],
    });
    this.arn = cluster.arn;
  }
}
