import type { Operate } from '../context';
import { ServiceError } from '../errors';
import { type Input, text } from '../input';

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html */
const LONGEST_POLICY = 20_480;

export const PutResourcePolicy: Operate = ({ table }, input) => {
  const secret = table.find(text(input, 'SecretId'));
  const policy = text(input, 'ResourcePolicy');
  const problem = malformed(policy);
  if (problem !== undefined) throw new ServiceError('MalformedPolicyDocumentException', problem);
  if (input.BlockPublicPolicy === true && isPublic(policy)) {
    throw new ServiceError(
      'PublicPolicyException',
      'The BlockPublicPolicy parameter is set to true, and the resource policy did not prevent broad access to the secret.',
    );
  }
  secret.policy = policy;
  return { ARN: secret.arn, Name: secret.name };
};

export const GetResourcePolicy: Operate = ({ table }, input) => {
  const secret = table.find(text(input, 'SecretId'));
  return {
    ARN: secret.arn,
    Name: secret.name,
    ...(secret.policy === undefined ? {} : { ResourcePolicy: secret.policy }),
  };
};

export const DeleteResourcePolicy: Operate = ({ table }, input) => {
  const secret = table.find(text(input, 'SecretId'));
  delete secret.policy;
  return { ARN: secret.arn, Name: secret.name };
};

export const ValidateResourcePolicy: Operate = ({ table }, input) => {
  if (input.SecretId !== undefined) table.find(text(input, 'SecretId'));
  const policy = text(input, 'ResourcePolicy');
  const problem = malformed(policy);
  const errors: Input[] = [];
  if (problem !== undefined) errors.push({ CheckName: 'SYNTAX', ErrorMessage: problem });
  else if (isPublic(policy))
    errors.push({ CheckName: 'PUBLIC_ACCESS', ErrorMessage: 'The policy grants public access.' });
  return { PolicyValidationPassed: errors.length === 0, ValidationErrors: errors };
};

function malformed(policy: string): string | undefined {
  if (policy.length > LONGEST_POLICY) return 'This resource policy is too long.';
  let document: unknown;
  try {
    document = JSON.parse(policy);
  } catch {
    return 'This resource policy contains invalid JSON.';
  }
  const all = statements(document);
  if (all.length === 0) return 'This resource policy contains no statement.';
  const whole = all.every(
    (one) =>
      (one.Effect === 'Allow' || one.Effect === 'Deny') &&
      (one.Action !== undefined || one.NotAction !== undefined) &&
      (one.Principal !== undefined || one.NotPrincipal !== undefined),
  );
  return whole ? undefined : 'This resource policy contains a statement without effect, action or principal.';
}

/** Whether anybody may do something, without a condition. */
function isPublic(policy: string): boolean {
  return statements(JSON.parse(policy)).some(
    ({ Effect, Principal, Condition }) => Effect === 'Allow' && Condition === undefined && isAnybody(Principal),
  );
}

function isAnybody(principal: unknown): boolean {
  if (principal === '*') return true;
  const named = (principal as Input | null | undefined)?.AWS;
  return [named].flat().includes('*');
}

function statements(document: unknown): readonly Input[] {
  const statement = (document as Input | null)?.Statement;
  return [statement].flat().filter((one): one is Input => typeof one === 'object' && one !== null);
}
