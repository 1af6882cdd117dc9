import type { AwsStack } from './aws-stack';
import type { PolicyStatement } from './policy-document';

/** What an administrator of a key does; none of it encrypts or decrypts. */
const ADMINISTRATION = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DeleteAlias',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:DisableKeyRotation',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListKeyRotations',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:RevokeGrant',
  'kms:RotateKeyOnDemand',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
] as const;

/** What services do with a key on somebody's behalf. */
export const KEY_USE = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey*',
  'kms:ReEncrypt*',
] as const;

/**
 * Lets the account administer a key through IAM, so that nobody can lock himself out of it.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
 */
export function administeredByAccount(stack: AwsStack): PolicyStatement {
  return {
    Sid: 'AccountAdministersThroughIam',
    Effect: 'Allow',
    Principal: { AWS: accountRoot(stack) },
    Action: ADMINISTRATION,
    Resource: '*',
  };
}

/** Lets whom IAM allows it in this account use a key, only through the services named. */
export function usedThrough(stack: AwsStack, services: readonly string[]): PolicyStatement {
  return {
    Sid: 'AccountUsesThroughServices',
    Effect: 'Allow',
    Principal: { AWS: accountRoot(stack) },
    Action: KEY_USE,
    Resource: '*',
    Condition: {
      StringEquals: {
        'kms:CallerAccount': stack.accountId,
        'kms:ViaService': services.map((service) => stack.serviceHost(service)),
      },
    },
  };
}

function accountRoot(stack: AwsStack): string {
  return stack.arn('iam', 'root', 'global');
}
