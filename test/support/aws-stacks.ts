import type { App } from 'cdktf';
import { AwsStack } from '../../constructs/aws/aws-stack';
import { DatabaseSecret } from '../../constructs/aws/database-secret';
import type { AwsEnvironment, HasAws } from '../../constructs/aws/environment';
import { PostgresDatabase } from '../../constructs/aws/postgres-database';
import type { StackClass } from '../../constructs/core/app';
import type { CoreEnvironment } from '../../constructs/core/environment';
import { Value } from '../../constructs/core/value';
import type { Workload } from '../../constructs/core/workload';
import { PROD, refusals, synthesized, type TerraformJson } from './core-environment';

/** An AWS account of a production environment, with a network of its own and a trail. */
export const AWS: AwsEnvironment = {
  accountId: '111122223333',
  region: 'eu-central-1',
  network: { kind: 'created', cidr: '10.20.0.0/22', zones: ['eu-central-1a', 'eu-central-1b'] },
  trail: true,
};

/** A network that exists, as an environment gives it. */
export const GIVEN_NETWORK = {
  kind: 'given',
  vpcId: 'vpc-0123456789abcdef0',
  subnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  endpointSecurityGroupId: 'sg-0123456789abcdef0',
  s3PrefixListId: 'pl-01234567',
} as const;

/** A program that runs on ECS. */
export const MYAPP: Workload = { name: 'myapp', runsOn: { ecs: true } };

/** What a test declares in an AWS stack. */
export type Declare = (stack: AwsStack) => void;

/** A production environment with another AWS part, or other parts of it. */
export function awsProduction(aws: Partial<AwsEnvironment> = {}): CoreEnvironment & HasAws {
  return { ...PROD, aws: { ...AWS, ...aws } };
}

/** The JSON of one AWS stack of production. */
export async function awsStackJson(declare: Declare, environment = awsProduction()): Promise<TerraformJson> {
  const json = (await synthesized([classOf(declare, environment)], environment))['prod-myapp-aws'];
  if (json === undefined) throw new Error('the stack was not synthesized');
  return json;
}

/** The lines with which an AWS stack is refused. */
export function awsRefusals(declare: Declare, environment = awsProduction()): Promise<readonly string[]> {
  return refusals(synthesized([classOf(declare, environment)], environment));
}

/** The resources of one type, by their names in Terraform. */
export function resourcesOf(json: TerraformJson, type: string): Readonly<Record<string, TerraformBlock>> {
  return (json['resource']?.[type] ?? {}) as Readonly<Record<string, TerraformBlock>>;
}

/** The only resource of a type, or the one whose name ends so. */
export function resourceOf(json: TerraformJson, type: string, ending = ''): TerraformBlock {
  const found = Object.entries(resourcesOf(json, type)).filter(([name]) =>
    name.replace(/_[0-9A-F]{8}$/, '').endsWith(ending),
  );
  const [first] = found;
  if (first === undefined || found.length > 1) {
    const names = Object.keys(resourcesOf(json, type)).join(', ');
    throw new Error(`${found.length} resources ${type} end in ${JSON.stringify(ending)}, of ${names}`);
  }
  return first[1];
}

/** A resource's arguments. */
export type TerraformBlock = Readonly<Record<string, unknown>>;

/** What a resource is ordered after, without the hashes of CDKTF. */
export function orderedAfter(block: TerraformBlock): readonly string[] {
  return ((block['depends_on'] ?? []) as readonly string[]).map((address) => address.replace(/_[0-9A-F]{8}$/, ''));
}

/** The statements of a policy in an argument. */
export function statementsIn(block: TerraformBlock, argument = 'policy'): readonly PolicyStatement[] {
  return (JSON.parse(String(block[argument])) as { Statement: readonly PolicyStatement[] }).Statement;
}

interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A database of the stack and the secret of its application's user. */
export function databaseSecret(stack: AwsStack, name = 'myapp/database'): DatabaseSecret {
  const id = name.replaceAll('/', '-');
  const database = new PostgresDatabase(stack, `${id}-db`, { name: id.replaceAll('-', '_') });
  return new DatabaseSecret(stack, id, {
    name,
    owner: 'payments',
    username: 'myapp',
    value: Value.generated({ since: '2026-11-01' }),
    database,
  });
}

function classOf(declare: Declare, environment: CoreEnvironment & HasAws): StackClass<CoreEnvironment> {
  return class extends AwsStack {
    constructor(app: App) {
      super(app, environment, 'myapp');
      declare(this);
    }
  };
}
