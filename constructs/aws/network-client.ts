import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { AwsStack } from './aws-stack';
import { Network } from './network';
import { SecurityGroupRule } from './security-group-rule';

const HTTPS = 443;

/** Properties of {@link NetworkClient}. */
export interface NetworkClientProps {
  /** The security group's physical name, whole. */
  readonly name: string;
  readonly description: string;
  /**
   * Whether it pulls images, whose layers come from S3.
   *
   * @default false
   */
  readonly pullsImages?: boolean;
}

/** The security group of something in the app's network that calls AWS through the endpoints, and nothing else. */
export class NetworkClient extends Construct {
  readonly securityGroupId: string;
  /** What must exist before its calls get through. */
  readonly ready: readonly ITerraformDependable[];

  /** @throws {InvalidProps} `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`. */
  constructor(scope: Construct, id: string, props: NetworkClientProps) {
    super(scope, id);
    const network = Network.of(this);
    const name = AwsStack.of(this).takeName(this, 'securityGroup', props.name);
    const group = new SecurityGroup(this, 'group', { name, description: props.description, vpcId: network.vpcId });
    this.securityGroupId = group.id;
    const endpoints = SecurityGroupRule.between(this, 'endpoints', {
      from: group.id,
      to: network.endpointSecurityGroupId,
      port: HTTPS,
      why: 'AWS services through the interface endpoints',
      // The group of given endpoints is somebody else's: its own rules let the network in.
      bothSides: network.endpointsAreOwn,
    });
    const layers = props.pullsImages === true ? [this.imageLayers(group.id, network.s3PrefixListId)] : [];
    this.ready = [...network.reachable, ...endpoints, ...layers];
  }

  /** Opens one port of another security group to this client. */
  mayCall(
    id: string,
    to: { readonly securityGroupId: string; readonly port: number; readonly why: string },
  ): readonly ITerraformDependable[] {
    return SecurityGroupRule.between(this, id, {
      from: this.securityGroupId,
      to: to.securityGroupId,
      port: to.port,
      why: to.why,
    });
  }

  private imageLayers(securityGroupId: string, prefixListId: string): ITerraformDependable {
    return new VpcSecurityGroupEgressRule(this, 'image-layers', {
      securityGroupId,
      prefixListId,
      ipProtocol: 'tcp',
      fromPort: HTTPS,
      toPort: HTTPS,
      description: 'Layers of images, through the gateway endpoint of S3',
    });
  }
}
