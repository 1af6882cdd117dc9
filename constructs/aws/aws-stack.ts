import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { CoreEnvironment } from '../core/environment';
import { InvalidProps, type Problem, refuse } from '../core/errors';
import { claimName, nameProblem } from '../core/naming';
import { StrongroomStack } from '../core/strongroom-stack';
import { type AwsEnvironment, checkAwsEnvironments, type HasAws } from './environment';
import { NAME_RULES, type NamedKind } from './names';

/** From 6.26 on a refresh of a write-only secret version reads no value. */
const AWS_VERSIONS = '>= 6.26, < 7';

/** A stack of one environment on AWS: the provider, the names, and what all of the stack's constructs share. */
export class AwsStack extends StrongroomStack {
  /**
   * The AWS stack that a construct is in.
   *
   * @throws {InvalidProps} `SR-AWS-STACK` when it is in a stack of another kind.
   */
  static override of(construct: Construct): AwsStack {
    const stack = TerraformStack.of(construct);
    if (stack instanceof AwsStack) return stack;
    throw new InvalidProps(construct.node.path, [
      {
        code: 'SR-AWS-STACK',
        property: 'scope',
        message: `is in ${stack.node.id}, which is no AwsStack`,
        fix: 'make it in an AwsStack',
      },
    ]);
  }

  /** What this environment is on AWS. */
  readonly aws: AwsEnvironment;
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;

  /** @throws {InvalidProps} with every problem of the environment's AWS part. */
  constructor(scope: Construct, environment: CoreEnvironment & HasAws, app: string, part?: string) {
    super(scope, environment, { app, store: 'aws', ...(part === undefined ? {} : { part }) });
    refuse(this, checkAwsEnvironments([environment]).problems);
    this.aws = environment.aws;
    this.accountId = environment.aws.accountId;
    this.region = environment.aws.region;
    this.partition = environment.aws.partition ?? 'aws';
    new AwsProvider(this, 'aws', {
      region: this.region,
      // A plan with the wrong login stops here instead of making production's secrets in another account.
      allowedAccountIds: [this.accountId],
      defaultTags: [{ tags: { Environment: environment.name, Application: app } }],
    });
    this.acceptVersions('aws', AWS_VERSIONS);
  }

  /** A path-like name with the environment in front, such as `prod/myapp/database`. */
  pathName(name: string): string {
    return this.aws.accountAlone === true ? name : `${this.environment.name}/${name}`;
  }

  /**
   * A hyphenated name of this stack with the environment in front, such as `prod-myapp-rotation`.
   *
   * A stack's part goes after the app, so that two parts of an app do not take each other's names.
   */
  resourceName(name: string): string {
    const { app, part } = this.stackName;
    const own = [app, part, name].filter((one) => one !== undefined && one !== '').join('-');
    return this.aws.accountAlone === true ? own : `${this.environment.name}-${own}`;
  }

  /**
   * Checks a physical name against the vendor's rule and takes it for a construct.
   *
   * @throws {InvalidProps} `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`.
   */
  takeName(construct: Construct, kind: NamedKind, name: string, property = 'name'): string {
    refuse(construct, [nameProblem(NAME_RULES[kind], property, name)]);
    const within = kind === 'role' ? this.accountId : `${this.accountId} ${this.region}`;
    // IAM tells names apart that differ in case only in its answers, not when it makes them.
    const caseInsensitive = kind === 'role';
    claimName(construct, property, { kind: NAME_RULES[kind].what, within: `account ${within}`, name, caseInsensitive });
    return name;
  }

  /** The ARN of something with a known name in this account, without asking AWS. */
  arn(service: string, resource: string, scope: 'regional' | 'global' = 'regional'): string {
    const region = scope === 'regional' ? this.region : '';
    return `arn:${this.partition}:${service}:${region}:${this.accountId}:${resource}`;
  }

  /** The host name of a service in this region, as conditions on keys name it. */
  serviceHost(service: string): string {
    return `${service}.${this.region}.amazonaws.com`;
  }

  /** What is thrown when this account has no trail, and so no events of rotations. */
  trailProblem(property: string): Problem | undefined {
    if (this.aws.trail) return undefined;
    return {
      code: 'SR-AWS-NO-TRAIL',
      property,
      message: `needs a CloudTrail trail in account ${this.accountId}, and the environment says that there is none`,
      fix: 'make a trail, then set aws.trail in the environment: without one nobody hears of a failed rotation',
    };
  }
}
