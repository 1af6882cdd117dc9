import { describe, expect, it } from 'vitest';
import { type IIdentity, ServiceRole, type ServiceRoleProps } from '../../../constructs/aws/identity';
import type { PolicyStatement } from '../../../constructs/aws/policy-document';
import { SecretsKey } from '../../../constructs/aws/secrets-key';
import { awsStack, policyOf, refusedAtSynthesis, refusedLines, synthesized } from '../../support/aws-environment';

const PROPS: ServiceRoleProps = {
  name: 'prod-myapp-task',
  service: 'ecs-tasks.amazonaws.com',
  description: 'What myapp may do',
};

const READ: PolicyStatement = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::example/*' };

const trustOf = async (props: Partial<ServiceRoleProps>) => {
  const { one } = await synthesized((stack) => void new ServiceRole(stack, 'role', { ...PROPS, ...props }));
  return policyOf(one('aws_iam_role'), 'assume_role_policy').Statement[0];
};

const withGrants = (grant: (role: IIdentity) => void) =>
  synthesized((stack) => grant(new ServiceRole(stack, 'role', PROPS)));

describe('ServiceRole', () => {
  it('is taken by its service for this account alone', async () => {
    expect(await trustOf({})).toEqual({
      Effect: 'Allow',
      Principal: { Service: 'ecs-tasks.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
    });
  });

  it('is taken for some resources alone, where that is said', async () => {
    const sourceArns = ['arn:aws:ecs:eu-central-1:111122223333:*'];
    expect((await trustOf({ sourceArns }))?.['Condition']).toEqual({
      StringEquals: { 'aws:SourceAccount': '111122223333' },
      ArnLike: { 'aws:SourceArn': sourceArns },
    });
  });

  it('has no condition for Lambda, which does not say for whom it takes a role', async () => {
    expect(await trustOf({ service: 'lambda.amazonaws.com' })).not.toHaveProperty('Condition');
  });

  it('refuses a name longer than 64 characters', () => {
    const name = 'a'.repeat(65);
    expect(refusedLines(() => new ServiceRole(awsStack(), 'role', { ...PROPS, name }))[0]).toMatch(
      /^prod-myapp-aws\/role: name gives an IAM role the name "a+", which is longer than 64 characters; .*\[SR-NAME-ILLEGAL\]$/,
    );
  });

  it('has no policy before something is allowed', async () => {
    const { all } = await withGrants(() => {});
    expect(all('aws_iam_role_policy')).toEqual({});
  });

  it('keeps all that is allowed in one policy, each statement once, in the order of asking', async () => {
    const write: PolicyStatement = { ...READ, Action: 's3:PutObject' };
    const { one } = await withGrants((role) => {
      for (const statement of [READ, write, { ...READ }]) role.allow(statement);
    });
    expect(policyOf(one('aws_iam_role_policy')).Statement).toEqual([READ, write]);
    expect(one('aws_iam_role_policy')['role']).toMatch(/^\$\{aws_iam_role\./);
  });

  it('returns its policy as what consumers wait for', () => {
    const role = new ServiceRole(awsStack(), 'role', PROPS);
    expect(role.allow(READ)).toBe(role.allow({ ...READ, Action: 's3:PutObject' }));
  });

  it('refuses at synthesis what IAM would refuse for its size', async () => {
    const lines = await refusedAtSynthesis((stack) => {
      const role = new ServiceRole(stack, 'role', PROPS);
      for (let n = 0; n < 90; n++) role.allow({ ...READ, Resource: `arn:aws:s3:::example/${n}/${'x'.repeat(60)}` });
    });
    expect(lines).toEqual([
      expect.stringMatching(
        /^prod-myapp-aws\/role: grants make a policy of about \d{5} characters, allowed are 10240 for a role; .*\[SR-POLICY-SIZE\]$/,
      ),
    ]);
  });

  it('counts an ARN that only Terraform knows as a long one', async () => {
    const lines = await refusedAtSynthesis((stack) => {
      const role = new ServiceRole(stack, 'role', PROPS);
      const { arn } = SecretsKey.of(stack);
      for (let n = 0; n < 70; n++) role.allow({ Effect: 'Allow', Action: `kms:Decrypt${n}`, Resource: arn });
    });
    expect(lines[0]).toContain('[SR-POLICY-SIZE]');
  });
});
