import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { DefaultTokenResolver, type ITerraformDependable, StringConcat, Tokenization } from 'cdktf';
import { Construct } from 'constructs';
import { AwsStack } from './aws-stack';
import { type PolicyStatement, policyDocument } from './policy-document';

/**
 * Services that tell for whom they take a role. Lambda is not documented to: its functions are bound to a role by
 * `iam:PassRole` inside the account alone.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
 */
const SAYS_FOR_WHOM: readonly string[] = [
  'ecs-tasks.amazonaws.com',
  'events.amazonaws.com',
  'ssm.amazonaws.com',
  'vpc-flow-logs.amazonaws.com',
];

/** Characters of a role's inline policies together, white space not counted. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const INLINE_CHARACTERS = 10_240;

/** An ARN that only Terraform knows is counted as this long. */
const UNKNOWN_CHARACTERS = 120;

/** What a workload is to AWS: grants are given to it. */
export interface IIdentity {
  /** The role's name, as explanations show it. */
  readonly name: string;
  readonly arn: string;
  /**
   * Allows something, in the identity's own policy.
   *
   * @returns what must exist before the permission works: order consumers after it.
   */
  allow(statement: PolicyStatement): ITerraformDependable;
}

/** Properties of {@link ServiceRole}. */
export interface ServiceRoleProps {
  /** The role's physical name, whole. */
  readonly name: string;
  /** The service that takes the role, such as `ecs-tasks.amazonaws.com`. */
  readonly service: string;
  readonly description: string;
  /**
   * ARNs, with wildcards at their end, of what the service must act for.
   *
   * @default - anything in this account
   */
  readonly sourceArns?: readonly string[];
}

/**
 * An IAM role that one AWS service takes for one workload, with everything that it may do in one inline policy.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
export class ServiceRole extends Construct implements IIdentity {
  readonly name: string;
  readonly arn: string;
  private readonly role: IamRole;
  /** Each statement once, as text: grants of the same thing repeat each other. */
  private readonly statements = new Set<string>();
  private policy: IamRolePolicy | undefined;

  /** @throws {InvalidProps} `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`; at synthesis `SR-POLICY-SIZE`. */
  constructor(scope: Construct, id: string, props: ServiceRoleProps) {
    super(scope, id);
    const stack = AwsStack.of(this);
    this.name = stack.takeName(this, 'role', props.name);
    this.role = new IamRole(this, 'role', {
      name: this.name,
      description: props.description,
      assumeRolePolicy: policyDocument([trust(stack, props)]),
    });
    this.arn = this.role.arn;
    this.node.addValidation({ validate: () => this.tooLong() });
  }

  allow(statement: PolicyStatement): ITerraformDependable {
    this.statements.add(JSON.stringify(statement));
    const policy = policyText(this.statements);
    if (this.policy === undefined) {
      this.policy = new IamRolePolicy(this, 'policy', { name: 'granted', role: this.role.name, policy });
    } else {
      this.policy.policy = policy;
    }
    return this.policy;
  }

  private tooLong(): string[] {
    const text = policyText(this.statements);
    const references = text.split('${').length - 1;
    // Most policies are far from the limit, whatever their references become.
    if (text.length + references * UNKNOWN_CHARACTERS <= INLINE_CHARACTERS) return [];
    const policy = Tokenization.resolve(text, {
      scope: this,
      resolver: new DefaultTokenResolver(new StringConcat()),
    }) as string;
    const { length } = policy.replaceAll(/\$\{[^}]*\}/g, 'x'.repeat(UNKNOWN_CHARACTERS));
    if (length <= INLINE_CHARACTERS) return [];
    return [
      `${this.node.path}: grants make a policy of about ${length} characters, allowed are ${INLINE_CHARACTERS} for a role; give the workload fewer secrets, or split it into two [SR-POLICY-SIZE]`,
    ];
  }
}

function policyText(statements: ReadonlySet<string>): string {
  return `{"Version":"2012-10-17","Statement":[${[...statements].join(',')}]}`;
}

function trust(stack: AwsStack, { service, sourceArns }: ServiceRoleProps): PolicyStatement {
  const ofAccount = { StringEquals: { 'aws:SourceAccount': stack.accountId } };
  const condition = sourceArns === undefined ? ofAccount : { ...ofAccount, ArnLike: { 'aws:SourceArn': sourceArns } };
  return {
    Effect: 'Allow',
    Principal: { Service: service },
    Action: 'sts:AssumeRole',
    ...(SAYS_FOR_WHOM.includes(service) ? { Condition: condition } : {}),
  };
}
