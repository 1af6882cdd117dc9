import { TerraformStack, Testing } from 'cdktf';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { AwsStack } from '../../../constructs/aws/aws-stack';
import { awsStack, PROD, prodWith, refusedLines, SANDBOX, synthesized } from '../../support/aws-environment';

describe('AwsStack', () => {
  it('is called after environment, app, store and part', () => {
    expect(awsStack().node.id).toBe('prod-myapp-aws');
    expect(awsStack(PROD, Testing.app(), 'jobs').node.id).toBe('prod-myapp-aws-jobs');
  });

  it('stops a login to another account, and tags everything', async () => {
    const { json } = await synthesized(() => {});
    expect(json['provider']?.['aws']).toEqual([
      {
        region: 'eu-central-1',
        allowed_account_ids: ['111122223333'],
        default_tags: [{ tags: { Environment: 'prod', Application: 'myapp' } }],
      },
    ]);
  });

  it('accepts the provider from the version on that refreshes without reading values', async () => {
    const { json } = await synthesized(() => {});
    expect(json['terraform']?.['required_providers']).toMatchObject({ aws: { version: '>= 6.26, < 7' } });
  });

  it("takes an environment's own range of versions", async () => {
    const { json } = await synthesized(() => {}, { ...PROD, providerVersions: { aws: '5.100.0' } });
    expect(json['terraform']?.['required_providers']).toMatchObject({ aws: { version: '5.100.0' } });
  });

  it('puts the environment in front of names, unless it has the account alone', () => {
    expect(awsStack().pathName('myapp/database')).toBe('prod/myapp/database');
    expect(awsStack().resourceName('rotation')).toBe('prod-myapp-rotation');
    expect(awsStack().resourceName('')).toBe('prod-myapp');
    const alone = awsStack(prodWith({ accountAlone: true }));
    expect(alone.pathName('myapp/database')).toBe('myapp/database');
    expect(alone.resourceName('rotation')).toBe('myapp-rotation');
  });

  it('puts its part into names, so that two parts of an app fit beside each other', () => {
    expect(awsStack(PROD, Testing.app(), 'jobs').resourceName('rotation')).toBe('prod-myapp-jobs-rotation');
  });

  it('composes ARNs without asking AWS', () => {
    const stack = awsStack(SANDBOX);
    expect(stack.arn('sns', 'alarms')).toBe('arn:aws:sns:eu-central-1:111122223333:alarms');
    expect(stack.arn('iam', 'role/x', 'global')).toBe('arn:aws:iam::111122223333:role/x');
  });

  it('names services as conditions on keys do', () => {
    expect(awsStack().serviceHost('secretsmanager')).toBe('secretsmanager.eu-central-1.amazonaws.com');
  });

  it('refuses a name that was taken in the same account and region, whatever stack took it', () => {
    const app = Testing.app();
    const first = new Construct(awsStack(PROD, app), 'first');
    const second = new Construct(awsStack(PROD, app, 'jobs'), 'second');
    AwsStack.of(first).takeName(first, 'topic', 'alarms');
    expect(refusedLines(() => AwsStack.of(second).takeName(second, 'topic', 'alarms'))).toEqual([
      'prod-myapp-aws-jobs/second: name gives the a topic of SNS name "alarms", which prod-myapp-aws/first has already in account 111122223333 eu-central-1; give one of the two another name [SR-NAME-TAKEN]',
    ]);
  });

  it('gives the same name in another region, but a role once per account, whatever its case', () => {
    const app = Testing.app();
    const here = new Construct(awsStack(PROD, app), 'x');
    const zones = ['eu-west-1a', 'eu-west-1b'] as const;
    const network = { kind: 'created', cidr: '10.0.0.0/16', zones } as const;
    const elsewhere = { ...prodWith({ region: 'eu-west-1', network }), name: 'dr' };
    const there = new Construct(awsStack(elsewhere, app), 'x');
    for (const one of [here, there]) AwsStack.of(one).takeName(one, 'topic', 'alarms');
    AwsStack.of(here).takeName(here, 'role', 'reader');
    expect(refusedLines(() => AwsStack.of(there).takeName(there, 'role', 'READER'))[0]).toContain('[SR-NAME-TAKEN]');
  });

  it('checks its environment by itself, since an app may not', () => {
    expect(refusedLines(() => awsStack(prodWith({ accountId: '1' })))).toEqual([
      'prod-myapp-aws: prod.aws.accountId is "1", allowed is twelve digits; correct the environment file [SR-AWS-ACCOUNT]',
    ]);
  });

  it('is what its constructs are in; another stack is refused', () => {
    const stack = awsStack();
    expect(AwsStack.of(new Construct(stack, 'x'))).toBe(stack);
    const other = new Construct(new TerraformStack(Testing.app(), 'other'), 'x');
    expect(refusedLines(() => AwsStack.of(other))).toEqual([
      'other/x: scope is in other, which is no AwsStack; make it in an AwsStack [SR-AWS-STACK]',
    ]);
  });

  it('says what is missing where an account has no trail', () => {
    expect(awsStack().trailProblem('rotation')).toBeUndefined();
    expect(awsStack(prodWith({ trail: false })).trailProblem('rotation')).toMatchObject({
      code: 'SR-AWS-NO-TRAIL',
      property: 'rotation',
      message: expect.stringContaining('account 111122223333'),
    });
  });
});
