import {
  asObject,
  asObjects,
  asTexts,
  type Json,
  type JsonObject,
  literal,
  referredBlock,
  resourcesOf,
  type StackModel,
} from './model';
import type { Reader, UnknownReader } from './readers';
import type { DeclaredSecret } from './secrets';

const READ = 'secretsmanager:GetSecretValue';

/** A policy and the identities that it is attached to. */
interface AttachedPolicy {
  readonly stack: StackModel;
  readonly address: string;
  readonly identities: readonly string[];
  readonly document: Json | undefined;
  /** The secret that a policy of its own belongs to; there, `*` means that one. */
  readonly ownSecret?: string;
}

interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly when: string | undefined;
  readonly principals: readonly string[];
}

/** Who IAM lets read which secret of Secrets Manager. */
export function awsReaders(
  stacks: readonly StackModel[],
  secrets: readonly DeclaredSecret[],
): readonly (Reader | UnknownReader)[] {
  const own = secrets.filter(({ store }) => store === 'aws');
  return stacks.flatMap(attachedPolicies).flatMap((policy) => readersOf(policy, own));
}

function readersOf(policy: AttachedPolicy, secrets: readonly DeclaredSecret[]): readonly (Reader | UnknownReader)[] {
  const document = parseDocument(policy.document);
  if (document === undefined) {
    return policy.identities.map((identity) => ({
      store: 'aws',
      identity,
      via: [policy.address],
      stack: policy.stack.id,
      unknown: 'its policy is an expression that only Terraform can read',
    }));
  }
  const allowed = statements(document, 'Allow');
  const denied = statements(document, 'Deny').filter(({ when }) => when === undefined);
  return allowed.flatMap((statement) =>
    secrets
      .filter((secret) => covers(policy, statement, secret) && !denied.some((deny) => covers(policy, deny, secret)))
      .flatMap((secret) =>
        (policy.ownSecret === undefined ? policy.identities : statement.principals).map((identity) => ({
          store: 'aws' as const,
          identity,
          secret,
          via: [policy.address],
          stack: policy.stack.id,
          ...(statement.when === undefined ? {} : { when: statement.when }),
        })),
      ),
  );
}

function attachedPolicies(stack: StackModel): readonly AttachedPolicy[] {
  const roleOf = (value: Json | undefined) => [identityName(stack, value)];
  const inline = resourcesOf(stack, 'aws_iam_role_policy', 'aws_iam_user_policy', 'aws_iam_group_policy').map(
    ({ address, body }) => ({
      stack,
      address,
      identities: roleOf(body['role'] ?? body['user'] ?? body['group']),
      document: body['policy'],
    }),
  );
  const nested = resourcesOf(stack, 'aws_iam_role').flatMap((role) =>
    asObjects(role.body['inline_policy']).map(({ policy }) => ({
      stack,
      address: role.address,
      identities: [literal(stack, role.body['name']) ?? role.address],
      document: policy,
    })),
  );
  const attachments = resourcesOf(stack, 'aws_iam_role_policy_attachment', 'aws_iam_user_policy_attachment');
  const managed = resourcesOf(stack, 'aws_iam_policy').map(({ address, body }) => ({
    stack,
    address,
    identities: attachments
      .filter((one) => referredBlock(stack, one.body['policy_arn'])?.address === address)
      .flatMap((one) => roleOf(one.body['role'] ?? one.body['user'])),
    document: body['policy'],
  }));
  const resource = resourcesOf(stack, 'aws_secretsmanager_secret_policy').map(({ address, body }) => ({
    stack,
    address,
    identities: ['whoever the secret names'],
    document: body['policy'],
    ownSecret: referredBlock(stack, body['secret_arn'])?.address ?? String(body['secret_arn']),
  }));
  return [...inline, ...nested, ...managed, ...resource];
}

function identityName(stack: StackModel, value: Json | undefined): string {
  const role = referredBlock(stack, value);
  return literal(stack, role === undefined ? value : role.body['name']) ?? role?.address ?? 'unknown';
}

/** A policy as an object; nothing where it is an expression such as `${jsonencode(…)}`. */
function parseDocument(document: Json | undefined): JsonObject | undefined {
  if (typeof document !== 'string') return undefined;
  try {
    return asObject(JSON.parse(document) as Json);
  } catch {
    return undefined;
  }
}

function statements(document: JsonObject, effect: 'Allow' | 'Deny'): readonly Statement[] {
  return asObjects(document['Statement'])
    .filter((statement) => statement['Effect'] === effect)
    .filter((statement) => readsSecrets(statement))
    .map((statement) => ({
      actions: asTexts(statement['Action']),
      resources: statement['NotResource'] === undefined ? asTexts(statement['Resource']) : ['*'],
      when: statement['Condition'] === undefined ? undefined : JSON.stringify(statement['Condition']),
      principals: principalsOf(statement['Principal']),
    }));
}

function readsSecrets(statement: JsonObject): boolean {
  const but = statement['NotAction'];
  if (but !== undefined) return !asTexts(but).some((action) => matches(action, READ));
  return asTexts(statement['Action']).some((action) => matches(action, READ));
}

function principalsOf(principal: Json | undefined): readonly string[] {
  if (typeof principal === 'string') return [principal];
  return Object.values(asObject(principal)).flatMap(asTexts);
}

function covers(policy: AttachedPolicy, statement: Statement, secret: DeclaredSecret): boolean {
  if (policy.ownSecret !== undefined) return policy.stack === secret.stack && policy.ownSecret === secret.block.address;
  return statement.resources.some((resource) => resource === '*' || leadsTo(policy.stack, resource, secret));
}

/** Whether a resource in a policy is this secret: by reference in its own stack, or by an ARN with its name. */
function leadsTo(stack: StackModel, resource: string, secret: DeclaredSecret): boolean {
  const referred = /^\$\{([\w-]+\.[\w-]+)[.[]/.exec(resource)?.[1];
  if (referred !== undefined) return stack === secret.stack && referred === secret.block.address;
  const arn = literal(stack, resource) ?? resource;
  const name = /:secret:(.+)$/.exec(arn)?.[1];
  // AWS adds a hyphen and six characters to the name; a policy has them as they are, or as six question marks or a star.
  return name !== undefined && [`${secret.name}-AbCdEf`, secret.name].some((full) => matches(name, full));
}

/** IAM's own wildcards; actions are compared without case. */
function matches(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 'is').test(text);
}
