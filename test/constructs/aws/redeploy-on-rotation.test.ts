import { describe, expect, it } from 'vitest';
import type { AwsStack } from '../../../constructs/aws/aws-stack';
import { EcsCluster } from '../../../constructs/aws/ecs-cluster';
import { RedeployOnRotation } from '../../../constructs/aws/redeploy-on-rotation';
import { Secret } from '../../../constructs/aws/secret';
import {
  awsProduction,
  awsRefusals,
  awsStackJson,
  orderedAfter,
  resourceOf,
  resourcesOf,
  statementsIn,
} from '../../support/aws-stacks';

const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/shared/key-AbCdEf';

const redeploy = (stack: AwsStack) => {
  new RedeployOnRotation(stack, 'redeploy', {
    secrets: [Secret.fromArn(stack, 'shared-key', ARN, { rotates: true })],
    cluster: EcsCluster.fromName(stack, 'shared'),
    serviceName: 'prod-myapp',
  });
};

describe('a redeployment on rotation', () => {
  it('starts when exactly this secret was rotated', async () => {
    const rule = resourceOf(await awsStackJson(redeploy), 'aws_cloudwatch_event_rule');
    expect(JSON.parse(String(rule['event_pattern']))).toEqual({
      source: ['aws.secretsmanager'],
      'detail-type': ['AWS Service Event via CloudTrail'],
      detail: {
        eventSource: ['secretsmanager.amazonaws.com'],
        eventName: ['RotationSucceeded'],
        additionalEventData: { SecretId: [ARN] },
      },
    });
  });

  it('is one step that deploys one service again', async () => {
    const document = resourceOf(await awsStackJson(redeploy), 'aws_ssm_document');
    expect(document).toMatchObject({
      name: 'prod-myapp-redeploy',
      document_type: 'Automation',
      document_format: 'JSON',
    });
    expect(JSON.parse(String(document['content']))).toMatchObject({
      schemaVersion: '0.3',
      assumeRole: '{{ AutomationAssumeRole }}',
      mainSteps: [
        {
          action: 'aws:executeAwsApi',
          inputs: {
            Service: 'ecs',
            Api: 'UpdateService',
            cluster: 'shared',
            service: 'prod-myapp',
            forceNewDeployment: true,
          },
        },
      ],
    });
  });

  it('is started by the rule with the role that may deploy', async () => {
    const target = resourceOf(await awsStackJson(redeploy), 'aws_cloudwatch_event_target');
    expect(target['arn']).toBe(
      'arn:aws:ssm:eu-central-1:111122223333:automation-definition/prod-myapp-redeploy:$DEFAULT',
    );
    expect(JSON.parse(String(target['input']))).toEqual({
      AutomationAssumeRole: [expect.stringMatching(/^\$\{aws_iam_role\.redeploy_deployer_role_[^}]+\.arn\}$/)],
    });
    expect(orderedAfter(target)).toEqual([
      'aws_ssm_document.redeploy_document',
      'aws_iam_role_policy.redeploy_starter_policy',
    ]);
  });

  it('lets Systems Manager deploy this service and nothing else', async () => {
    const json = await awsStackJson(redeploy);
    expect(statementsIn(resourceOf(json, 'aws_iam_role_policy', 'deployer_policy'))).toEqual([
      {
        Sid: 'DeployAgain',
        Effect: 'Allow',
        Action: 'ecs:UpdateService',
        Resource: 'arn:aws:ecs:eu-central-1:111122223333:service/shared/prod-myapp',
      },
    ]);
    expect(statementsIn(resourceOf(json, 'aws_iam_role', 'deployer_role'), 'assume_role_policy')).toMatchObject([
      {
        Principal: { Service: 'ssm.amazonaws.com' },
        Condition: { ArnLike: { 'aws:SourceArn': ['arn:aws:ssm:eu-central-1:111122223333:automation-execution/*'] } },
      },
    ]);
  });

  it('lets EventBridge start this document and hand over that role, for this rule alone', async () => {
    const json = await awsStackJson(redeploy);
    const [start, pass] = statementsIn(resourceOf(json, 'aws_iam_role_policy', 'starter_policy'));
    expect(start).toMatchObject({
      Action: 'ssm:StartAutomationExecution',
      Resource: [
        'arn:aws:ssm:eu-central-1:111122223333:document/prod-myapp-redeploy',
        'arn:aws:ssm:eu-central-1:111122223333:automation-definition/prod-myapp-redeploy:*',
        'arn:aws:ssm:eu-central-1:111122223333:automation-execution/*',
      ],
    });
    expect(pass).toMatchObject({
      Action: 'iam:PassRole',
      Resource: expect.stringMatching(/^\$\{aws_iam_role\.redeploy_deployer_role_/),
      Condition: { StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } },
    });
    expect(statementsIn(resourceOf(json, 'aws_iam_role', 'starter_role'), 'assume_role_policy')).toMatchObject([
      {
        Principal: { Service: 'events.amazonaws.com' },
        Condition: {
          ArnLike: { 'aws:SourceArn': ['arn:aws:events:eu-central-1:111122223333:rule/prod-myapp-redeploy'] },
        },
      },
    ]);
  });

  it('is no state machine, which could not be planned offline', async () => {
    expect(resourcesOf(await awsStackJson(redeploy), 'aws_sfn_state_machine')).toEqual({});
  });

  it('needs a trail', async () => {
    expect(await awsRefusals(redeploy, awsProduction({ trail: false }))).toEqual([
      expect.stringMatching(/^prod-myapp-aws\/redeploy: onRotation needs a CloudTrail trail .* \[SR-AWS-NO-TRAIL\]$/),
    ]);
  });
});
