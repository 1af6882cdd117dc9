import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret';
import { SecretsmanagerSecretRotation } from '@cdktf/provider-aws/lib/secretsmanager-secret-rotation';
import { SecretsmanagerSecretVersion } from '@cdktf/provider-aws/lib/secretsmanager-secret-version';
import { RandomProvider } from '@cdktf/provider-random/lib/provider';
import { App, AssetType, Fn, ref, S3Backend, TerraformAsset, TerraformStack, Token } from 'cdktf';
import { zipSync } from 'fflate';
import { temporaryFolder } from '../once';

/** Id of the only stack. */
export const FIXTURE = 'fixture-aws';

/** Account that the fixture's stack belongs to. */
export const FIXTURE_ACCOUNT = '111122223333';

/**
 * Synthesizes what the harness has to cope with, written with plain bindings: a remote backend, protected resources, a
 * generated value that ends in a write-only argument, a label of its own on that version, and rotation by a Lambda.
 *
 * @returns the output folder
 */
export function synthesizeFixture(): string {
  const outdir = temporaryFolder('fixture');
  const app = new App({ outdir });
  const stack = new TerraformStack(app, FIXTURE);
  stack.addOverride('terraform.required_version', '>= 1.11');
  new S3Backend(stack, { bucket: 'state', key: 'fixture.tfstate', region: 'eu-central-1', encrypt: true });
  new AwsProvider(stack, 'aws', {
    region: 'eu-central-1',
    allowedAccountIds: [FIXTURE_ACCOUNT],
    defaultTags: [{ tags: { Environment: 'fixture' } }],
  });
  new RandomProvider(stack, 'random');
  // Out of reach of any plugin at hand, as the ranges of real stacks may be.
  stack.addOverride('terraform.required_providers.aws.version', '>= 6.26, < 7');

  const key = new KmsKey(stack, 'key', {
    enableKeyRotation: true,
    rotationPeriodInDays: 365,
    lifecycle: { preventDestroy: true },
  });
  const secret = new SecretsmanagerSecret(stack, 'secret', {
    name: 'fixture/database',
    kmsKeyId: key.arn,
    lifecycle: { preventDestroy: true },
  });
  const seed = seedOf(stack, secret);
  rotate(stack, secret, seed);
  app.synth();
  return outdir;
}

function seedOf(stack: TerraformStack, secret: SecretsmanagerSecret): SecretsmanagerSecretVersion {
  stack.addOverride('ephemeral.random_password.seed', { length: 40, min_special: 2, override_special: '"\\/<>&' });
  const password = Token.asString(ref('ephemeral.random_password.seed.result', stack));
  return new SecretsmanagerSecretVersion(stack, 'seed', {
    secretId: secret.id,
    secretStringWo: Fn.jsonencode({ username: 'app', password }),
    secretStringWoVersion: 1,
    versionStages: ['AWSCURRENT', 'SEED'],
    lifecycle: { ignoreChanges: ['version_stages'] },
  });
}

function rotate(stack: TerraformStack, secret: SecretsmanagerSecret, seed: SecretsmanagerSecretVersion): void {
  const role = new IamRole(stack, 'role', {
    name: 'fixture-rotation',
    assumeRolePolicy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    }),
  });
  const code = new TerraformAsset(stack, 'code', { path: zippedHandler(), type: AssetType.FILE });
  const lambda = new LambdaFunction(stack, 'rotation', {
    functionName: 'fixture-rotation',
    role: role.arn,
    filename: code.path,
    sourceCodeHash: Fn.filebase64sha256(code.path),
    handler: 'index.handler',
    runtime: 'nodejs22.x',
    architectures: ['arm64'],
  });
  const permission = new LambdaPermission(stack, 'permission', {
    functionName: lambda.functionName,
    action: 'lambda:InvokeFunction',
    principal: 'secretsmanager.amazonaws.com',
    sourceAccount: FIXTURE_ACCOUNT,
    sourceArn: secret.arn,
  });
  new SecretsmanagerSecretRotation(stack, 'rotate', {
    secretId: secret.id,
    rotationLambdaArn: lambda.arn,
    rotateImmediately: true,
    rotationRules: { automaticallyAfterDays: 30 },
    dependsOn: [permission, seed],
  });
}

function zippedHandler(): string {
  const file = join(temporaryFolder('code'), 'rotation.zip');
  const source = new TextEncoder().encode('exports.handler = async () => {};\n');
  writeFileSync(file, zipSync({ 'index.js': source }, { mtime: new Date('2000-01-01T00:00:00Z') }));
  return file;
}
