import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';

/** Properties of a way from one security group to another. */
export interface SecurityGroupRuleProps {
  /** Id of the group that calls. */
  readonly from: string;
  /** Id of the group that answers. */
  readonly to: string;
  readonly port: number;
  /** What is called, as the rules' description. */
  readonly why: string;
  /**
   * Whether the answering group is ours to open.
   *
   * @default true
   */
  readonly bothSides?: boolean;
}

/** Ways between security groups, one port at a time. */
export const SecurityGroupRule = {
  /** Opens one port from one group to another, on both sides. */
  between(scope: Construct, id: string, props: SecurityGroupRuleProps): readonly ITerraformDependable[] {
    const port = { ipProtocol: 'tcp', fromPort: props.port, toPort: props.port, description: props.why };
    const out = new VpcSecurityGroupEgressRule(scope, `${id}-out`, {
      securityGroupId: props.from,
      referencedSecurityGroupId: props.to,
      ...port,
    });
    if (props.bothSides === false) return [out];
    const into = new VpcSecurityGroupIngressRule(scope, `${id}-in`, {
      securityGroupId: props.to,
      referencedSecurityGroupId: props.from,
      ...port,
    });
    return [out, into];
  },
} as const;
