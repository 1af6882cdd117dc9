import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import { SsmDocument } from '@cdktf/provider-aws/lib/ssm-document';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { refuse } from '../core/errors';
import { AwsStack } from './aws-stack';
import type { IEcsCluster } from './ecs-cluster';
import { ServiceRole } from './identity';
import { rotationEventPattern } from './rotation-events';
import type { ISecret } from './secret';

/** The document's only parameter: the role that Systems Manager takes for its step. */
const ASSUMED_ROLE = 'AutomationAssumeRole';

/** Properties of {@link RedeployOnRotation}. */
export interface RedeployOnRotationProps {
  /** The secrets after whose rotation the service is deployed again. */
  readonly secrets: readonly ISecret[];
  readonly cluster: IEcsCluster;
  /** The service's physical name; it need not exist yet. */
  readonly serviceName: string;
}

/**
 * Deploys a service of ECS again when one of its secrets was rotated: running tasks keep their first values.
 *
 * An EventBridge rule starts a Systems Manager automation of one step, so no code runs anywhere.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeawsapi.html
 */
export class RedeployOnRotation extends Construct {
  /** What the service is ordered after, so that no rotation between the two is missed. */
  readonly ready: readonly ITerraformDependable[];

  /** @throws {InvalidProps} `SR-AWS-NO-TRAIL`, `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`. */
  constructor(scope: Construct, id: string, props: RedeployOnRotationProps) {
    super(scope, id);
    const stack = AwsStack.of(this);
    const { cluster, serviceName, secrets } = props;
    refuse(this, [stack.trailProblem('onRotation')]);
    const name = `${serviceName}-redeploy`;

    const deployer = new ServiceRole(this, 'deployer', {
      name,
      service: 'ssm.amazonaws.com',
      description: `Deploys the service ${serviceName} again`,
      sourceArns: [stack.arn('ssm', 'automation-execution/*')],
    });
    const mayDeploy = deployer.allow({
      Sid: 'DeployAgain',
      Effect: 'Allow',
      Action: 'ecs:UpdateService',
      Resource: stack.arn('ecs', `service/${cluster.name}/${serviceName}`),
    });
    const document = new SsmDocument(this, 'document', {
      name: stack.takeName(this, 'document', name),
      documentType: 'Automation',
      documentFormat: 'JSON',
      content: redeployDocument(cluster.name, serviceName),
    });

    const ruleName = stack.takeName(this, 'eventRule', name);
    const starter = new ServiceRole(this, 'starter', {
      name: `${name}-start`,
      service: 'events.amazonaws.com',
      description: `Starts the automation ${name}`,
      sourceArns: [stack.arn('events', `rule/${ruleName}`)],
    });
    starter.allow({
      Sid: 'StartAutomation',
      Effect: 'Allow',
      Action: 'ssm:StartAutomationExecution',
      Resource: startable(stack, name),
    });
    const mayStart = starter.allow({
      Sid: 'HandOverDeployer',
      Effect: 'Allow',
      Action: 'iam:PassRole',
      Resource: deployer.arn,
      Condition: { StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } },
    });
    const rule = new CloudwatchEventRule(this, 'rule', {
      name: ruleName,
      description: `Deploys ${serviceName} again after a rotation of its secrets`,
      eventPattern: rotationEventPattern(
        ['RotationSucceeded'],
        secrets.map((secret) => secret.arn),
      ),
    });
    const target = new CloudwatchEventTarget(this, 'target', {
      rule: rule.name,
      targetId: 'automation',
      arn: stack.arn('ssm', `automation-definition/${name}:$DEFAULT`),
      roleArn: starter.arn,
      // Each parameter of an automation is a list.
      input: JSON.stringify({ [ASSUMED_ROLE]: [deployer.arn] }),
      dependsOn: [document, mayStart],
    });
    this.ready = [target, mayDeploy];
  }
}

/**
 * AWS checks the document and the execution that it makes; older policies named the definition.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-setup-identity-based-policies.html
 */
function startable(stack: AwsStack, name: string): readonly string[] {
  return [`document/${name}`, `automation-definition/${name}:*`, 'automation-execution/*'].map((resource) =>
    stack.arn('ssm', resource),
  );
}

/** The runbook: one call of one API, for one service. */
function redeployDocument(cluster: string, service: string): string {
  return JSON.stringify({
    schemaVersion: '0.3',
    description: `Deploys ${service} again, so that its tasks start with the values that its secrets have now`,
    assumeRole: `{{ ${ASSUMED_ROLE} }}`,
    parameters: {
      [ASSUMED_ROLE]: {
        type: 'AWS::IAM::Role::Arn',
        description: 'The role that may deploy this service, and nothing else',
      },
    },
    mainSteps: [
      {
        name: 'redeploy',
        action: 'aws:executeAwsApi',
        inputs: { Service: 'ecs', Api: 'UpdateService', cluster, service, forceNewDeployment: true },
        timeoutSeconds: 60,
        maxAttempts: 3,
        isEnd: true,
      },
    ],
  });
}
