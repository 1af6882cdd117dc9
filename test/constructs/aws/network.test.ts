import { describe, expect, it } from 'vitest';
import { Network } from '../../../constructs/aws/network';
import { NetworkClient, type NetworkClientProps } from '../../../constructs/aws/network-client';
import { awsStack, GIVEN_NETWORK, policyOf, prodWith, refusedLines, synthesized } from '../../support/aws-environment';

const GIVEN = prodWith({ network: GIVEN_NETWORK });
const created = () => synthesized((stack) => void Network.of(stack));

describe('a created network', () => {
  it('is one for a stack, made at first use', () => {
    const stack = awsStack();
    expect(Network.of(stack)).toBe(Network.of(stack));
  });

  it('has a private subnet in each of two zones, and half of its addresses left', async () => {
    const subnets = Object.values((await created()).all('aws_subnet'));
    expect(subnets.map((subnet) => [subnet['availability_zone'], subnet['cidr_block']])).toEqual([
      ['eu-central-1a', '10.20.0.0/22'],
      ['eu-central-1b', '10.20.4.0/22'],
    ]);
    for (const subnet of subnets) expect(subnet['map_public_ip_on_launch']).toBe(false);
  });

  it('has no way to the internet', async () => {
    const { resource } = await created();
    const ways = ['aws_internet_gateway', 'aws_nat_gateway', 'aws_route', 'aws_egress_only_internet_gateway'];
    expect(Object.keys(resource).filter((type) => ways.includes(type))).toEqual([]);
    expect(Object.values(resource['aws_route_table'] ?? {})[0]).not.toHaveProperty('route');
  });

  it('lets nothing through the group that is taken where none is named', async () => {
    const group = (await created()).one('aws_default_security_group');
    expect(group).not.toHaveProperty('ingress');
    expect(group).not.toHaveProperty('egress');
  });

  it('reaches secrets, logs and images through endpoints with private names', async () => {
    const { all, one } = await created();
    const interfaces = Object.values(all('aws_vpc_endpoint')).filter((one) => one['vpc_endpoint_type'] === 'Interface');
    expect(interfaces.map((endpoint) => endpoint['service_name']).sort()).toEqual([
      'com.amazonaws.eu-central-1.ecr.api',
      'com.amazonaws.eu-central-1.ecr.dkr',
      'com.amazonaws.eu-central-1.logs',
      'com.amazonaws.eu-central-1.secretsmanager',
    ]);
    for (const endpoint of interfaces) {
      expect(endpoint).toMatchObject({
        private_dns_enabled: true,
        subnet_ids: [expect.any(String), expect.any(String)],
      });
    }
    expect(one('aws_vpc')).toMatchObject({ enable_dns_support: true, enable_dns_hostnames: true });
  });

  it('lets only principals of the account through an endpoint, and only to its service', async () => {
    const { all } = await created();
    const secrets =
      Object.entries(all('aws_vpc_endpoint')).find(([name]) => name.includes('secretsmanager'))?.[1] ?? {};
    expect(policyOf(secrets).Statement).toEqual([
      {
        Sid: 'OwnAccountOnly',
        Effect: 'Allow',
        Principal: '*',
        Action: 'secretsmanager:*',
        Resource: '*',
        Condition: { StringEquals: { 'aws:PrincipalAccount': '111122223333' } },
      },
    ]);
  });

  it('reaches nothing of S3 but the layers of images', async () => {
    const { all } = await created();
    const s3 = Object.values(all('aws_vpc_endpoint')).find((one) => one['vpc_endpoint_type'] === 'Gateway') ?? {};
    expect(policyOf(s3).Statement).toMatchObject([
      { Action: 's3:GetObject', Resource: 'arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*' },
    ]);
  });

  it('logs the connections that it refused, encrypted and for as long as the tier says', async () => {
    const { one, all, waitsFor } = await created();
    expect(one('aws_flow_log')).toMatchObject({ traffic_type: 'REJECT', log_destination_type: 'cloud-watch-logs' });
    expect(one('aws_cloudwatch_log_group')).toMatchObject({
      name: '/aws/vpc/prod-myapp-refused-connections',
      kms_key_id: expect.stringContaining('aws_kms_key.data-key'),
      retention_in_days: 365,
    });
    expect(waitsFor('aws_flow_log')).toEqual([`aws_iam_role_policy.${Object.keys(all('aws_iam_role_policy'))[0]}`]);
  });
});

describe('a given network', () => {
  it('is taken by its ids, and nothing of it is made', async () => {
    const { resource } = await synthesized((stack) => {
      expect(Network.of(stack)).toMatchObject({
        vpcId: GIVEN_NETWORK.vpcId,
        subnetIds: GIVEN_NETWORK.subnetIds,
        endpointSecurityGroupId: GIVEN_NETWORK.endpointSecurityGroupId,
        s3PrefixListId: GIVEN_NETWORK.s3PrefixListId,
        reachable: [],
        endpointsAreOwn: false,
      });
    }, GIVEN);
    expect(resource).toEqual({});
  });
});

describe('NetworkClient', () => {
  const PROPS: NetworkClientProps = { name: 'prod-myapp-task', description: 'What myapp reaches' };
  const client = (props: Partial<NetworkClientProps> = {}, environment = prodWith({})) =>
    synthesized((stack) => void new NetworkClient(stack, 'client', { ...PROPS, ...props }), environment);

  it('reaches the endpoints on port 443 and nothing else', async () => {
    const { one } = await client();
    const https = { ip_protocol: 'tcp', from_port: 443, to_port: 443 };
    expect(one('aws_vpc_security_group_egress_rule')).toMatchObject({
      ...https,
      security_group_id: expect.stringContaining('client_group'),
      referenced_security_group_id: expect.stringContaining('network_endpoints'),
    });
    expect(one('aws_vpc_security_group_ingress_rule')).toMatchObject({
      ...https,
      security_group_id: expect.stringContaining('network_endpoints'),
      referenced_security_group_id: expect.stringContaining('client_group'),
    });
  });

  it('leaves the group of given endpoints to its owner', async () => {
    const { all, one } = await client({}, GIVEN);
    expect(one('aws_vpc_security_group_egress_rule')['referenced_security_group_id']).toBe(
      GIVEN_NETWORK.endpointSecurityGroupId,
    );
    expect(all('aws_vpc_security_group_ingress_rule')).toEqual({});
  });

  it('reaches S3 too where it pulls images', async () => {
    const { all } = await client({ pullsImages: true }, GIVEN);
    expect(Object.values(all('aws_vpc_security_group_egress_rule')).map((rule) => rule['prefix_list_id'])).toContain(
      GIVEN_NETWORK.s3PrefixListId,
    );
  });

  it('may call one port of another group, with a rule on each side', async () => {
    const { all } = await synthesized((stack) => {
      const to = { securityGroupId: 'sg-0123456789abcdef1', port: 5432, why: 'Database orders' };
      expect(new NetworkClient(stack, 'client', PROPS).mayCall('database', to)).toHaveLength(2);
    }, GIVEN);
    expect(Object.values(all('aws_vpc_security_group_ingress_rule'))).toMatchObject([
      { security_group_id: 'sg-0123456789abcdef1', from_port: 5432, to_port: 5432, description: 'Database orders' },
    ]);
  });

  it('is ready when endpoints and rules are there', () => {
    // Four interfaces, the gateway, and a rule on each side.
    expect(new NetworkClient(awsStack(), 'client', PROPS).ready).toHaveLength(7);
  });

  it('refuses a name that looks like an id', () => {
    expect(refusedLines(() => new NetworkClient(awsStack(), 'client', { ...PROPS, name: 'sg-1' }))[0]).toMatch(
      /^prod-myapp-aws\/client: name gives a security group the name "sg-1", .*\[SR-NAME-ILLEGAL\]$/,
    );
  });
});
