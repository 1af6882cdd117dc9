import { DefaultSecurityGroup } from '@cdktf/provider-aws/lib/default-security-group';
import { RouteTable } from '@cdktf/provider-aws/lib/route-table';
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { Subnet } from '@cdktf/provider-aws/lib/subnet';
import { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { VpcEndpoint } from '@cdktf/provider-aws/lib/vpc-endpoint';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { partOf, readRange } from '../core/network-range';
import { AwsStack } from './aws-stack';
import type { CreatedNetwork, GivenNetwork } from './environment';
import { policyDocument } from './policy-document';
import { RefusedConnections } from './refused-connections';

/** What the app's functions and tasks call, and nothing else is reachable. */
const INTERFACE_ENDPOINTS = ['secretsmanager', 'logs', 'ecr.api', 'ecr.dkr'] as const;

/** A quarter for each zone: the other half stays free for subnets that come later. */
const SUBNET_BITS = 2;

const CHILD = 'network';

/** A private network that functions, databases and services are placed in. */
export interface INetwork {
  readonly vpcId: string;
  /** Private subnets in at least two zones. */
  readonly subnetIds: readonly string[];
  /** The security group of the interface endpoints. */
  readonly endpointSecurityGroupId: string;
  /** The managed prefix list of the gateway endpoint of S3, where image layers come from. */
  readonly s3PrefixListId: string;
  /** What must exist before something in the network reaches Secrets Manager, logs and images. */
  readonly reachable: readonly ITerraformDependable[];
  /** Whether the endpoints' security group is this app's to open. */
  readonly endpointsAreOwn: boolean;
}

/** The network of an app: made here, or one that exists. */
export class Network extends Construct implements INetwork {
  /** The network of a construct's stack, as its environment says, made at first use. */
  static of(construct: Construct): INetwork {
    const stack = AwsStack.of(construct);
    const present = stack.node.tryFindChild(CHILD);
    return present instanceof Network ? present : new Network(stack, CHILD, stack.aws.network);
  }

  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly endpointSecurityGroupId: string;
  readonly s3PrefixListId: string;
  readonly reachable: readonly ITerraformDependable[];
  readonly endpointsAreOwn: boolean;

  constructor(scope: Construct, id: string, network: CreatedNetwork | GivenNetwork) {
    super(scope, id);
    const parts = network.kind === 'created' ? createNetwork(this, network) : given(network);
    this.vpcId = parts.vpcId;
    this.subnetIds = parts.subnetIds;
    this.endpointSecurityGroupId = parts.endpointSecurityGroupId;
    this.s3PrefixListId = parts.s3PrefixListId;
    this.reachable = parts.reachable;
    this.endpointsAreOwn = network.kind === 'created';
  }
}

type Parts = Pick<INetwork, 'vpcId' | 'subnetIds' | 'endpointSecurityGroupId' | 's3PrefixListId' | 'reachable'>;

function given(network: GivenNetwork): Parts {
  const { vpcId, subnetIds, endpointSecurityGroupId, s3PrefixListId } = network;
  return { vpcId, subnetIds, endpointSecurityGroupId, s3PrefixListId, reachable: [] };
}

function createNetwork(scope: Construct, network: CreatedNetwork): Parts {
  const stack = AwsStack.of(scope);
  const tag = (name: string) => ({ Name: stack.resourceName(name) });
  const vpc = new Vpc(scope, 'vpc', {
    cidrBlock: network.cidr,
    enableDnsSupport: true,
    // The endpoints' private names resolve only with host names on.
    enableDnsHostnames: true,
    tags: tag('network'),
  });
  // Whoever forgets to name a security group gets one that lets nothing through.
  new DefaultSecurityGroup(scope, 'closed', { vpcId: vpc.id, tags: tag('closed') });
  const routes = new RouteTable(scope, 'routes', { vpcId: vpc.id, tags: tag('private') });
  const subnets = network.zones.map((zone, n) => privateSubnet(scope, { zone, n, network, vpc, routes }));
  const subnetIds = subnets.map((subnet) => subnet.id);
  new RefusedConnections(scope, 'refused', { vpcId: vpc.id });

  const name = stack.takeName(scope, 'securityGroup', stack.resourceName('endpoints'), 'network');
  const group = new SecurityGroup(scope, 'endpoints', { name, description: 'Interface endpoints', vpcId: vpc.id });
  const endpoints = INTERFACE_ENDPOINTS.map(
    (service) =>
      new VpcEndpoint(scope, `endpoint-${service.replace('.', '-')}`, {
        vpcId: vpc.id,
        serviceName: `com.amazonaws.${stack.region}.${service}`,
        vpcEndpointType: 'Interface',
        subnetIds,
        securityGroupIds: [group.id],
        privateDnsEnabled: true,
        policy: ownAccountOnly(stack, service),
        tags: tag(service),
      }),
  );
  const s3 = new VpcEndpoint(scope, 'endpoint-s3', {
    vpcId: vpc.id,
    serviceName: `com.amazonaws.${stack.region}.s3`,
    vpcEndpointType: 'Gateway',
    routeTableIds: [routes.id],
    policy: imageLayersOnly(stack),
    tags: tag('s3'),
  });
  return {
    vpcId: vpc.id,
    subnetIds,
    endpointSecurityGroupId: group.id,
    s3PrefixListId: s3.prefixListId,
    reachable: [...endpoints, s3],
  };
}

interface SubnetParts {
  readonly zone: string;
  readonly n: number;
  readonly network: CreatedNetwork;
  readonly vpc: Vpc;
  readonly routes: RouteTable;
}

function privateSubnet(scope: Construct, { zone, n, network, vpc, routes }: SubnetParts): Subnet {
  const range = readRange(network.cidr);
  const subnet = new Subnet(scope, `subnet-${n}`, {
    vpcId: vpc.id,
    availabilityZone: zone,
    cidrBlock: range === undefined ? network.cidr : partOf(range, SUBNET_BITS, n),
    mapPublicIpOnLaunch: false,
    tags: { Name: AwsStack.of(scope).resourceName(`private-${zone}`) },
  });
  new RouteTableAssociation(scope, `route-${n}`, { subnetId: subnet.id, routeTableId: routes.id });
  return subnet;
}

/** An endpoint is no way out: nobody takes another account's login through it. */
function ownAccountOnly(stack: AwsStack, service: string): string {
  return policyDocument([
    {
      Sid: 'OwnAccountOnly',
      Effect: 'Allow',
      Principal: '*',
      Action: `${service.split('.', 1)[0]}:*`,
      Resource: '*',
      Condition: { StringEquals: { 'aws:PrincipalAccount': stack.accountId } },
    },
  ]);
}

/** @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html */
function imageLayersOnly(stack: AwsStack): string {
  return policyDocument([
    {
      Sid: 'ImageLayersOnly',
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: `arn:${stack.partition}:s3:::prod-${stack.region}-starport-layer-bucket/*`,
    },
  ]);
}
