import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, Testing } from 'cdktf';
import { AwsStack } from '../../constructs/aws/aws-stack';
import type { AwsEnvironment, HasAws } from '../../constructs/aws/environment';
import { SynthesisRefused, synthesize } from '../../constructs/core/app';
import type { CoreEnvironment } from '../../constructs/core/environment';
import { InvalidProps } from '../../constructs/core/errors';

/** An environment with an AWS part. */
export type AwsTestEnvironment = CoreEnvironment & HasAws;

const AWS: AwsEnvironment = {
  accountId: '111122223333',
  region: 'eu-central-1',
  network: { kind: 'created', cidr: '10.20.0.0/20', zones: ['eu-central-1a', 'eu-central-1b'] },
  trail: true,
};

/** A production environment on AWS. */
export const PROD: AwsTestEnvironment = {
  name: 'prod',
  tier: 'production',
  state: {
    kind: 's3',
    bucket: 'example-prod-state',
    region: 'eu-central-1',
    kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555',
  },
  aws: AWS,
};

/** An environment to play in. */
export const SANDBOX: AwsTestEnvironment = { name: 'box', tier: 'sandbox', state: { kind: 'local' }, aws: AWS };

/** A production environment with another AWS part. */
export function prodWith(aws: Partial<AwsEnvironment>): AwsTestEnvironment {
  return { ...PROD, aws: { ...AWS, ...aws } };
}

/** A network that exists. */
export const GIVEN_NETWORK = {
  kind: 'given',
  vpcId: 'vpc-0123456789abcdef0',
  subnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  endpointSecurityGroupId: 'sg-0123456789abcdef0',
  s3PrefixListId: 'pl-0123456789abcdef0',
} as const;

/** A stack to put constructs of a test into. */
export function awsStack(environment: AwsTestEnvironment = PROD, app: App = Testing.app(), part?: string): AwsStack {
  return new AwsStack(app, environment, 'myapp', part);
}

/** One block's body as Terraform reads it. */
export type Body = Readonly<Record<string, unknown>>;

/** What was synthesized of one stack, by type and name. */
export interface Synthesized {
  readonly resource: Readonly<Record<string, Readonly<Record<string, Body>>>>;
  readonly json: Readonly<Record<string, Body>>;
  /** The only resource of a type. */
  one(type: string): Body;
  /** Every resource of a type, by name. */
  all(type: string): Readonly<Record<string, Body>>;
  /** Names of the resources that one of a type waits for, as addresses. */
  waitsFor(type: string): readonly string[];
}

/** Synthesizes what a test declares in one stack, with all validations. */
export async function synthesized(
  declare: (stack: AwsStack) => void,
  environment: AwsTestEnvironment = PROD,
): Promise<Synthesized> {
  class TestStack extends AwsStack {
    constructor(app: App, its: AwsTestEnvironment) {
      super(app, its, 'myapp');
      declare(this);
    }
  }
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-aws-'));
  try {
    const outdir = join(folder, 'out');
    const { stacks } = await synthesize({ environments: [environment], stacks: [TestStack] }, outdir);
    const text = readFileSync(join(outdir, 'stacks', stacks[0] ?? '', 'cdk.tf.json'), 'utf8');
    return read(JSON.parse(text) as Synthesized['json']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(json: Synthesized['json']): Synthesized {
  const resource = (json['resource'] ?? {}) as Synthesized['resource'];
  const all = (type: string) => resource[type] ?? {};
  const one = (type: string) => {
    const found = Object.values(all(type));
    if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} resources are ${type}, not one`);
    return found[0];
  };
  return { resource, json, all, one, waitsFor: (type) => (one(type)['depends_on'] ?? []) as readonly string[] };
}

/** The lines with which a constructor refuses. */
export function refusedLines(action: () => unknown): readonly string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof InvalidProps) return error.message.split('\n');
    throw error;
  }
  throw new Error('nothing was refused');
}

/** The lines with which synthesis refuses. */
export async function refusedAtSynthesis(
  declare: (stack: AwsStack) => void,
  environment: AwsTestEnvironment = PROD,
): Promise<readonly string[]> {
  const error = await synthesized(declare, environment).then(
    () => new Error('nothing was refused'),
    (reason: unknown) => reason,
  );
  if (error instanceof SynthesisRefused) return error.messages;
  throw error;
}

/** A policy document inside a resource. */
export function policyOf(body: Body, argument = 'policy'): { readonly Statement: readonly Body[] } {
  return JSON.parse(String(body[argument])) as { readonly Statement: readonly Body[] };
}

/** The statement of a policy with an id. */
export function statement(body: Body, sid: string, argument = 'policy'): Body {
  const found = policyOf(body, argument).Statement.find((one) => one['Sid'] === sid);
  if (found === undefined) throw new Error(`no statement ${sid}`);
  return found;
}
