import { describe, expect, it } from 'vitest';
import { type AwsEnvironment, checkAwsEnvironments } from '../../../constructs/aws/environment';
import { type AwsTestEnvironment, GIVEN_NETWORK, PROD, prodWith } from '../../support/aws-environment';

const CREATED = { kind: 'created', cidr: '10.20.0.0/20', zones: ['eu-central-1a', 'eu-central-1b'] } as const;

const problemsOf = (...environments: readonly AwsTestEnvironment[]) =>
  checkAwsEnvironments(environments).problems.map(
    ({ code, property, message, fix }) => `${property} ${message}; ${fix} [${code}]`,
  );

const named = (name: string, aws: Partial<AwsEnvironment>, tier = PROD.tier): AwsTestEnvironment => ({
  ...prodWith(aws),
  name,
  tier,
});

describe('checkAwsEnvironments', () => {
  it('accepts a created and a given network', () => {
    expect(problemsOf(PROD)).toEqual([]);
    expect(problemsOf(prodWith({ network: GIVEN_NETWORK }))).toEqual([]);
  });

  it('reports all problems of all environments together', () => {
    const { problems } = checkAwsEnvironments([prodWith({ accountId: '1' }), named('dev', { region: 'Frankfurt' })]);
    expect(problems.map(({ code, property }) => `${property} ${code}`)).toEqual([
      'prod.aws.accountId SR-AWS-ACCOUNT',
      'dev.aws.region SR-AWS-REGION',
      'dev.aws.network.zones SR-AWS-ZONES',
    ]);
  });

  it('refuses the nine digits of an account that lost its zeros', () => {
    expect(problemsOf(prodWith({ accountId: '123456789' }))).toEqual([
      'prod.aws.accountId is "123456789", allowed is twelve digits; correct the environment file [SR-AWS-ACCOUNT]',
    ]);
  });

  it('refuses a zone in place of a region', () => {
    expect(problemsOf(prodWith({ region: 'eu-central-1a' }))).toContain(
      'prod.aws.region is "eu-central-1a", allowed is a region such as eu-central-1; correct the environment file [SR-AWS-REGION]',
    );
  });

  it.each([
    [
      'us-gov-west-1',
      undefined,
      'is "aws", allowed is aws-us-gov for us-gov-west-1; write aws-us-gov, or another region',
    ],
    ['eu-central-1', 'aws-us-gov', 'is "aws-us-gov", allowed is aws for eu-central-1; write aws, or another region'],
    [
      'cn-north-1',
      'aws-cn',
      'is "aws-cn", allowed is none in China, whose service names are not supported; use a region outside China',
    ],
  ])('refuses the region %s in partition %s', (region, partition, message) => {
    const zones = [`${region}a`, `${region}b`] as const;
    const network = { ...CREATED, zones };
    expect(problemsOf(prodWith({ region, network, ...(partition === undefined ? {} : { partition }) }))).toEqual([
      `prod.aws.partition ${message} [SR-AWS-PARTITION]`,
    ]);
  });

  it('accepts a region of its own partition', () => {
    const network = { ...CREATED, zones: ['us-gov-west-1a', 'us-gov-west-1b'] } as const;
    expect(problemsOf(prodWith({ region: 'us-gov-west-1', partition: 'aws-us-gov', network }))).toEqual([]);
  });

  it.each(['10.20.0.0/15', '10.20.0.0/27', '10.20.0.1/20', '8.8.0.0/16', '172.32.0.0/16', '10.20.0.0', 'ten'])(
    'refuses the range %s',
    (cidr) => {
      expect(problemsOf(prodWith({ network: { ...CREATED, cidr } }))).toEqual([
        `prod.aws.network.cidr is ${JSON.stringify(cidr)}, allowed is a private range with a prefix of 16 to 26; write one such as 10.20.0.0/20 [SR-AWS-CIDR]`,
      ]);
    },
  );

  it.each(['10.0.0.0/16', '172.31.0.0/16', '192.168.255.192/26'])('accepts the range %s', (cidr) => {
    expect(problemsOf(prodWith({ network: { ...CREATED, cidr } }))).toEqual([]);
  });

  it.each([
    [['eu-central-1a', 'eu-central-1a']],
    [['eu-central-1a', 'eu-west-1b']],
    [['eu-central-1', 'eu-central-1b']],
  ] as const)('refuses the zones %j', (zones) => {
    expect(problemsOf(prodWith({ network: { ...CREATED, zones } }))).toEqual([
      `prod.aws.network.zones is ${JSON.stringify(zones)}, allowed are two different zones of eu-central-1; write two such as eu-central-1a and eu-central-1b [SR-AWS-ZONES]`,
    ]);
  });

  it('refuses one subnet, since RDS takes no fewer than two', () => {
    const subnetIds = ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef0'];
    expect(problemsOf(prodWith({ network: { ...GIVEN_NETWORK, subnetIds } }))[0]).toMatch(
      /^prod\.aws\.network\.subnetIds is .*\[SR-AWS-SUBNETS\]$/,
    );
  });

  it.each(['vpcId', 'endpointSecurityGroupId', 's3PrefixListId'] as const)('refuses a name as %s', (property) => {
    expect(problemsOf(prodWith({ network: { ...GIVEN_NETWORK, [property]: 'shared' } }))[0]).toMatch(
      new RegExp(`^prod\\.aws\\.network\\.${property} is "shared", .*\\[SR-AWS-NETWORK-ID\\]$`),
    );
  });

  it('refuses an environment that says it is alone in an account and is not', () => {
    expect(problemsOf(named('dev', {}), prodWith({ accountAlone: true }))).toEqual([
      'prod.aws.accountAlone is true, but dev is in account 111122223333 too; leave it out, or give each environment an account of its own [SR-AWS-ALONE]',
    ]);
  });

  it('allows a shared account and warns only where one of them is production', () => {
    const dev = named('dev', {}, 'development');
    const staging = named('staging', {}, 'staging');
    expect(checkAwsEnvironments([dev, staging])).toEqual({ problems: [], warnings: [] });
    expect(checkAwsEnvironments([dev, PROD])).toEqual({
      problems: [],
      warnings: ['prod shares AWS account 111122223333 with dev: an account of its own is the stronger wall'],
    });
  });
});
