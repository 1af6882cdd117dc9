import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { SsmDocument } from '@cdktf/provider-aws/lib/ssm-document';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { AwsStack } from './aws-stack';
import type { IEcsCluster } from './ecs-cluster';
import { rotationEventPattern } from './rotation-events';

/** The document's only parameter: Systems Manager takes on this role for its step. */
const ASSUMED_ROLE = 'AutomationAssumeRole';

/** Properties of {@link RedeployOnRotation}. */
export interface RedeployOnRotationProps {
  /** What the rule, the document and both roles are called, before the environment's name. */
  readonly name: string;
  /** The secrets after whose rotation the service is deployed again. */
  readonly secretArns: readonly string[];
  readonly cluster: IEcsCluster;
  /** The service's physical name: it need not exist yet. */
  readonly serviceName: string;
}

/**
 * Deploys a service of ECS again when one of its secrets was rotated, since running containers keep the values that they
 * were started with.
 *
 * An EventBridge rule starts a Systems Manager automation of one step; no code runs anywhere.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeawsapi.html
 */
export class RedeployOnRotation extends Construct {
  /** What the service is ordered after, so that no rotation between the two is missed. */
  readonly dependables: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: RedeployOnRotationProps) {
    super(scope, id);
    const stack = AwsStack.of(this);
    const { cluster, serviceName, secretArns } = props;
    const name = stack.physicalName(`${props.name}-redeploy`);
    const automation = this.role(stack, 'automation', 'ssm.amazonaws.com', name);
    const mayDeploy = new IamRolePolicy(this, 'automation-policy', {
      name: 'redeploy',
      role: automation.name,
      policy: allow({
        Action: 'ecs:UpdateService',
        Resource: stack.arn('ecs', `service/${cluster.name}/${serviceName}`),
        Condition: { ArnEquals: { 'ecs:cluster': cluster.arn } },
      }),
    });
    const document = new SsmDocument(this, 'document', {
      name,
      documentType: 'Automation',
      documentFormat: 'JSON',
      content: redeployDocument(cluster.name, serviceName),
    });
    const trigger = this.role(stack, 'trigger', 'events.amazonaws.com', `${name}-start`);
    const mayStart = new IamRolePolicy(this, 'trigger-policy', {
      name: 'start',
      role: trigger.name,
      policy: allow(
        { Action: 'ssm:StartAutomationExecution', Resource: startable(stack, name) },
        {
          Action: 'iam:PassRole',
          Resource: automation.arn,
          Condition: { StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } },
        },
      ),
    });
    const rule = new CloudwatchEventRule(this, 'rule', {
      name,
      description: `Deploys ${serviceName} again after a rotation of its secrets`,
      eventPattern: rotationEventPattern(['RotationSucceeded'], secretArns),
    });
    const target = new CloudwatchEventTarget(this, 'target', {
      rule: rule.name,
      targetId: 'automation',
      arn: stack.arn('ssm', `automation-definition/${name}:$DEFAULT`),
      roleArn: trigger.arn,
      input: JSON.stringify({ [ASSUMED_ROLE]: [automation.arn] }),
      dependsOn: [document, mayStart],
    });
    this.dependables = [target, mayDeploy];
  }
}

/** The runbook: one call of one API, for one service. */
function redeployDocument(cluster: string, service: string): string {
  return JSON.stringify({
    schemaVersion: '0.3',
    description: `Deploys ${service} again, so that its tasks start with the values that its secrets have now`,
    assumeRole: `{{ ${ASSUMED_ROLE} }}`,
    parameters: {
      [ASSUMED_ROLE]: { type: 'AWS::IAM::Role::Arn', description: 'The role that may deploy this service, and nothing else' },
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
