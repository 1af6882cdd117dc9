import { asTexts, type Block, literal, resourcesOf, type StackModel } from './model';
import type { Reader, UnknownReader } from './readers';
import type { DeclaredSecret } from './secrets';
import { capabilitiesOn, type PathRule, parsePolicy } from './vault-policy';

/** Arguments in which an auth role, an entity or a group names its policies. */
const POLICY_ARGUMENTS = ['token_policies', 'policies', 'allowed_policies', 'named_policies'] as const;

/** Arguments that name an auth role, the most telling first. */
const NAME_ARGUMENTS = ['role_name', 'role', 'name', 'username', 'groupname'] as const;

/** A policy's text, read; or the reason why it could not be. */
type ReadPolicy = { readonly address: string; readonly rules: readonly PathRule[] | { readonly unknown: string } };

/** Who Vault lets read which secret: auth roles, entities and groups through the policies that they name. */
export function vaultReaders(
  stacks: readonly StackModel[],
  secrets: readonly DeclaredSecret[],
): readonly (Reader | UnknownReader)[] {
  const own = secrets.filter(({ store }) => store === 'vault');
  return stacks.flatMap((stack) =>
    stack.blocks
      .filter((block) => block.mode === 'resource' && block.type.startsWith('vault_') && policyNames(block).length > 0)
      .flatMap((role) => readersThrough(role, stack, stacks, own)),
  );
}

function readersThrough(
  role: Block,
  stack: StackModel,
  stacks: readonly StackModel[],
  secrets: readonly DeclaredSecret[],
): readonly (Reader | UnknownReader)[] {
  const names = policyNames(role).map((name) => literal(stack, name) ?? name);
  const policies = names.flatMap((name) => policiesNamed(name, stack, stacks));
  const identity = NAME_ARGUMENTS.map((name) => literal(stack, role.body[name])).find(Boolean) ?? role.address;
  const shared = { store: 'vault' as const, identity, stack: stack.id };
  const rules = policies.flatMap((policy) => ('unknown' in policy.rules ? [] : policy.rules));
  const readable = secrets.filter(
    ({ name, stack: home }) => sameServer(home, stack) && capabilitiesOn(rules, name).includes('read'),
  );
  return [
    ...policies.flatMap(({ address, rules }) =>
      'unknown' in rules ? [{ ...shared, via: [role.address, address], unknown: rules.unknown }] : [],
    ),
    ...readable.map((secret) => ({
      ...shared,
      secret,
      via: [role.address, ...policies.filter((policy) => givesRead(policy, secret.name)).map(({ address }) => address)],
    })),
  ];
}

function policyNames(block: Block): readonly string[] {
  return POLICY_ARGUMENTS.flatMap((argument) => asTexts(block.body[argument]));
}

function policiesNamed(name: string, user: StackModel, stacks: readonly StackModel[]): readonly ReadPolicy[] {
  return stacks
    .filter((stack) => sameServer(stack, user))
    .flatMap((stack) =>
      resourcesOf(stack, 'vault_policy')
        .filter(({ body }) => literal(stack, body['name']) === name)
        .map(({ address, body }) => ({ address, rules: rulesOf(literal(stack, body['policy'])) })),
    );
}

function rulesOf(text: string | undefined): ReadPolicy['rules'] {
  try {
    return parsePolicy(text ?? '');
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error) };
  }
}

function givesRead(policy: ReadPolicy, path: string): boolean {
  return !('unknown' in policy.rules) && capabilitiesOn(policy.rules, path).includes('read');
}

/** Two stacks that configure the same server: the address of their provider says so. */
function sameServer(a: StackModel, b: StackModel): boolean {
  return a === b || JSON.stringify(serverOf(a)) === JSON.stringify(serverOf(b));
}

function serverOf(stack: StackModel): unknown {
  return (stack.providers['vault'] ?? []).map(({ address, namespace }) => [address ?? null, namespace ?? null]);
}
