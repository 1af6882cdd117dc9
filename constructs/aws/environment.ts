import type { EnvironmentsReport } from '../core/app';
import type { CoreEnvironment } from '../core/environment';
import type { Problem } from '../core/errors';
import { isPrivate, readRange } from '../core/network-range';
import { sharingReport } from '../core/sharing';

/** Prefixes that a VPC may have. @see https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html */
const VPC_PREFIX = { min: 16, max: 26 } as const;

/** A network that the app's own stack makes: a VPC without a way to the internet, and endpoints for what it needs. */
export interface CreatedNetwork {
  readonly kind: 'created';
  /** The VPC's private range, with a prefix of 16 to 26. */
  readonly cidr: string;
  /** Two zones of the region, one private subnet in each. */
  readonly zones: readonly [string, string];
}

/** A network that exists: private subnets that reach Secrets Manager, CloudWatch Logs and ECR. */
export interface GivenNetwork {
  readonly kind: 'given';
  readonly vpcId: string;
  /** Private subnets in at least two zones. */
  readonly subnetIds: readonly string[];
  /** The security group of the interface endpoints, which functions and services must be let into. */
  readonly endpointSecurityGroupId: string;
  /** The managed prefix list of S3's gateway endpoint, where image layers come from. */
  readonly s3PrefixListId: string;
}

/** What one environment is on AWS. */
export interface AwsEnvironment {
  /** The account's number, twelve digits. */
  readonly accountId: string;
  readonly region: string;
  /** @default 'aws' */
  readonly partition?: string;
  /**
   * Whether the environment has the account for itself: then names need no environment in front.
   *
   * @default false
   */
  readonly accountAlone?: boolean;
  readonly network: CreatedNetwork | GivenNetwork;
  /** Whether a CloudTrail trail exists in the account: rotation's outcomes reach EventBridge only through one. */
  readonly trail: boolean;
  /**
   * Address that rotation alarms are sent to; AWS asks its owner to confirm.
   *
   * @default - nobody is subscribed to the topic
   */
  readonly alarmEmail?: string;
}

/** An environment that has AWS. */
export interface HasAws {
  readonly aws: AwsEnvironment;
}

/** Checks the AWS parts of all environments together. */
export function checkAwsEnvironments(environments: readonly (CoreEnvironment & HasAws)[]): EnvironmentsReport {
  const sharing = sharingReport(environments, {
    kind: 'account',
    own: 'an account of its own',
    vendor: 'AWS',
    of: ({ aws }) => aws.accountId,
    alone: ({ aws }) => aws.accountAlone === true,
    property: 'aws.accountAlone',
    code: 'SR-AWS-ALONE',
  });
  return {
    problems: [...environments.flatMap(formProblems), ...sharing.problems],
    warnings: sharing.warnings,
  };
}

function formProblems({ name, aws }: CoreEnvironment & HasAws): readonly Problem[] {
  const at = `${name}.aws`;
  return [
    form(`${at}.accountId`, aws.accountId, /^\d{12}$/, 'twelve digits', 'SR-AWS-ACCOUNT'),
    form(`${at}.region`, aws.region, /^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as eu-central-1', 'SR-AWS-REGION'),
    partitionFits(at, aws),
    ...(aws.network.kind === 'created'
      ? createdNetworkProblems(at, aws.region, aws.network)
      : givenNetworkProblems(at, aws.network)),
  ].filter((problem): problem is Problem => problem !== undefined);
}

function partitionFits(at: string, { region, partition = 'aws' }: AwsEnvironment): Problem | undefined {
  const expected = partitionOf(region);
  if (partition === expected && partition !== 'aws-cn') return undefined;
  const fix = expected === 'aws-cn' ? 'use a region outside China' : `write ${expected}, or another region`;
  return {
    code: 'SR-AWS-PARTITION',
    property: `${at}.partition`,
    message: `is ${JSON.stringify(partition)}, allowed is ${expected === 'aws-cn' ? 'none in China, whose service names are not supported' : `${expected} for ${region}`}`,
    fix,
  };
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

function createdNetworkProblems(at: string, region: string, network: CreatedNetwork): readonly (Problem | undefined)[] {
  const range = readRange(network.cidr);
  const fits =
    range !== undefined && isPrivate(range) && range.prefix >= VPC_PREFIX.min && range.prefix <= VPC_PREFIX.max;
  const [first, second] = network.zones;
  const zonesFit =
    first !== second &&
    network.zones.every((zone) => zone.startsWith(region) && /^[a-z]$/.test(zone.slice(region.length)));
  return [
    fits
      ? undefined
      : {
          code: 'SR-AWS-CIDR',
          property: `${at}.network.cidr`,
          message: `is ${JSON.stringify(network.cidr)}, allowed is a private range with a prefix of ${VPC_PREFIX.min} to ${VPC_PREFIX.max}`,
          fix: 'write one such as 10.20.0.0/20',
        },
    zonesFit
      ? undefined
      : {
          code: 'SR-AWS-ZONES',
          property: `${at}.network.zones`,
          message: `is ${JSON.stringify(network.zones)}, allowed are two different zones of ${region}`,
          fix: `write two such as ${region}a and ${region}b`,
        },
  ];
}

function givenNetworkProblems(at: string, network: GivenNetwork): readonly (Problem | undefined)[] {
  const subnets = network.subnetIds;
  const subnetsFit = new Set(subnets).size >= 2 && subnets.every((id) => /^subnet-[0-9a-f]{8,17}$/.test(id));
  return [
    form(`${at}.network.vpcId`, network.vpcId, /^vpc-[0-9a-f]{8,17}$/, 'the id of a VPC', 'SR-AWS-NETWORK-ID'),
    form(
      `${at}.network.endpointSecurityGroupId`,
      network.endpointSecurityGroupId,
      /^sg-[0-9a-f]{8,17}$/,
      'the id of a security group',
      'SR-AWS-NETWORK-ID',
    ),
    form(
      `${at}.network.s3PrefixListId`,
      network.s3PrefixListId,
      /^pl-[0-9a-f]{8,17}$/,
      'the id of a prefix list',
      'SR-AWS-NETWORK-ID',
    ),
    subnetsFit
      ? undefined
      : {
          code: 'SR-AWS-SUBNETS',
          property: `${at}.network.subnetIds`,
          message: `is ${JSON.stringify(subnets)}, allowed are the ids of at least two different subnets`,
          fix: 'name private subnets in two zones: databases need two',
        },
  ];
}

function form(property: string, text: string, pattern: RegExp, allowed: string, code: string): Problem | undefined {
  if (pattern.test(text)) return undefined;
  return {
    code,
    property,
    message: `is ${JSON.stringify(text)}, allowed is ${allowed}`,
    fix: 'correct the environment file',
  };
}
