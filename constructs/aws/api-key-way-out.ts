import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import type { ITerraformDependable } from 'cdktf';
import type { Problem } from '../core/errors';
import { readRange } from '../core/network-range';
import type { AwsEnvironment } from './environment';
import type { NetworkClient } from './network-client';

const HTTPS = 443;

/** @see https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html */
const PREFIX_LIST = /^pl-[0-9a-f]{8,17}$/;

/**
 * How a function gets to a provider's host. Networks of Strongroom have no way to the internet, so somebody decides:
 * a function in the given network that may go out to these ranges or prefix lists on 443, whose subnets must have a route
 * there; or one outside of any network of yours, which reaches every address there is.
 */
export type WayOut =
  | { readonly kind: 'network'; readonly cidrs?: readonly string[]; readonly prefixListIds?: readonly string[] }
  | { readonly kind: 'outside-network' };

/** What is wrong with a way out, in the network that the environment has. */
export function wayOutProblem(way: WayOut, network: AwsEnvironment['network']['kind']): Problem | undefined {
  if (way.kind === 'outside-network') return undefined;
  const { cidrs = [], prefixListIds = [] } = way;
  const wrong = [
    ...cidrs.filter((cidr) => readRange(cidr) === undefined || cidr.endsWith('/0')),
    ...prefixListIds.filter((id) => !PREFIX_LIST.test(id)),
  ];
  if (network === 'created') {
    return {
      code: 'SR-API-WAY-OUT',
      property: 'wayOut',
      message: 'is through a network that the stack makes, which has no way to the internet',
      fix: "give a network with a route to the provider, or write { kind: 'outside-network' }",
    };
  }
  if (wrong.length === 0 && cidrs.length + prefixListIds.length > 0) return undefined;
  return {
    code: 'SR-API-WAY-OUT',
    property: 'wayOut',
    message: `is to ${JSON.stringify([...cidrs, ...prefixListIds])}, allowed are ranges other than the whole internet and prefix lists, one at least`,
    fix: "name the provider's ranges, such as 198.51.100.0/24, or a prefix list that holds them",
  };
}

/** Opens the way for a function in the network. */
export function openWayOut(client: NetworkClient, way: WayOut, why: string): readonly ITerraformDependable[] {
  if (way.kind === 'outside-network') return [];
  const { cidrs = [], prefixListIds = [] } = way;
  const targets = [
    ...cidrs.map((cidrIpv4) => ({ cidrIpv4 })),
    ...prefixListIds.map((prefixListId) => ({ prefixListId })),
  ];
  return targets.map(
    (target, n) =>
      new VpcSecurityGroupEgressRule(client, `provider-${n}`, {
        securityGroupId: client.securityGroupId,
        ...target,
        ipProtocol: 'tcp',
        fromPort: HTTPS,
        toPort: HTTPS,
        description: why,
      }),
  );
}
