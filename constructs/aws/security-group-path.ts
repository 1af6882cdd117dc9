import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

/** Properties of {@link SecurityGroupPath}. */
export interface SecurityGroupPathProps {
  /** The security group that connections come from. */
  readonly from: string;
  /** The security group that they go to. */
  readonly to: string;
  readonly port: number;
  /** What it is for, as the rules' description. */
  readonly description: string;
  /**
   * Whether the receiving group is ours to change.
   *
   * @default true
   */
  readonly opensReceiver?: boolean;
}

/** A way from one security group to one port of another: out of the first, and into the second where that is ours. */
export class SecurityGroupPath extends Construct {
  readonly dependables: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: SecurityGroupPathProps) {
    super(scope, id);
    const { from, to, port, description } = props;
    const traffic = { ipProtocol: 'tcp', fromPort: port, toPort: port, description };
    const out = new VpcSecurityGroupEgressRule(this, 'out', {
      ...traffic,
      securityGroupId: from,
      referencedSecurityGroupId: to,
    });
    this.dependables = [out, ...(props.opensReceiver === false ? [] : [this.letIn(traffic, from, to)])];
  }

  private letIn(traffic: Traffic, from: string, to: string): ITerraformDependable {
    return new VpcSecurityGroupIngressRule(this, 'in', {
      ...traffic,
      securityGroupId: to,
      referencedSecurityGroupId: from,
    });
  }
}

interface Traffic {
  readonly ipProtocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly description: string;
}
