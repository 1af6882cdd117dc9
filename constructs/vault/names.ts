import type { Construct } from 'constructs';
import type { Problem } from '../core/errors';
import { claimName, type NameRule, nameProblem } from '../core/naming';
import { VaultStack } from './vault-stack';

/** Vault matches names of most endpoints with this form and lower-cases several kinds of them without a word. */
const WORD = /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/;
const WORD_IN_WORDS = 'lower-case letters, digits, underscores, dots and hyphens, no dot or hyphen at the ends';

/** Longest names: Vault has no limit of its own, these keep them readable in user names, logs and leases. */
const READABLE = 64;

const mountForms = [
  { pattern: /^(?:sys|identity|cubbyhole|auth|audit)$/, why: 'which Vault keeps for itself' },
] as const;

function word(what: string, see: string, forbidden: NameRule['forbidden'] = []): NameRule {
  return { what, minLength: 1, maxLength: READABLE, pattern: WORD, allowed: WORD_IN_WORDS, forbidden, see };
}

/** What Vault allows as names, and which legal forms of it lead astray. */
export const NAMES = {
  mount: {
    what: 'a mount',
    minLength: 1,
    maxLength: READABLE,
    pattern: /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/,
    allowed: 'lower-case letters, digits, underscores and hyphens, no slash anywhere',
    forbidden: mountForms,
    see: 'https://developer.hashicorp.com/vault/docs/secrets',
  },
  auth: {
    what: 'an auth method',
    minLength: 1,
    maxLength: READABLE,
    pattern: /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/,
    allowed: 'lower-case letters, digits, underscores and hyphens, no slash anywhere and no auth/ in front',
    forbidden: [{ pattern: /^token$/, why: 'which Vault keeps for itself' }],
    see: 'https://developer.hashicorp.com/vault/docs/auth',
  },
  audit: {
    what: 'an audit device',
    minLength: 1,
    maxLength: READABLE,
    pattern: /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/,
    allowed: 'lower-case letters, digits, underscores and hyphens, no slash anywhere',
    see: 'https://developer.hashicorp.com/vault/docs/audit',
  },
  kvSecret: {
    what: 'a KV secret',
    minLength: 1,
    maxLength: 256,
    pattern: /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/,
    allowed: 'letters, digits, dots, hyphens and underscores, with single slashes between parts and none at the ends',
    forbidden: [
      {
        pattern: /^(?:data|metadata|delete|undelete|destroy|subkeys|config)(?:\/|$)/,
        why: 'whose first part is a word of the API: Vault would store it below that word a second time',
      },
      { pattern: /(?:^|\/)\.{1,2}(?:\/|$)/, why: 'which has a part that HTTP clients take for a folder' },
    ],
    see: 'https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2',
  },
  connection: word('a database connection', 'https://developer.hashicorp.com/vault/api-docs/secret/databases'),
  databaseRole: word('a database role', 'https://developer.hashicorp.com/vault/api-docs/secret/databases'),
  authRole: word('a role of an auth method', 'https://developer.hashicorp.com/vault/api-docs/auth/kubernetes'),
  policy: word('a policy', 'https://developer.hashicorp.com/vault/docs/concepts/policies', [
    { pattern: /^(?:root|default|response-wrapping|control-group)$/, why: 'which Vault keeps for itself' },
  ]),
  passwordPolicy: word('a password policy', 'https://developer.hashicorp.com/vault/docs/concepts/password-policies'),
} as const satisfies Readonly<Record<string, NameRule>>;

/** The kinds of things that Vault knows by name. */
export type NameKind = keyof typeof NAMES;

/** The problem of a name of one kind, or nothing. */
export function vaultNameProblem(kind: NameKind, property: string, name: string): Problem | undefined {
  return nameProblem(NAMES[kind], property, name);
}

/**
 * Takes a name on the Vault of a construct's stack, on the whole of it or within one mount.
 *
 * @throws {InvalidProps} `SR-NAME-TAKEN` when another construct of the app has it.
 */
export function claimVaultName(
  scope: Construct,
  property: string,
  claim: { readonly kind: NameKind | 'audit file'; readonly name: string; readonly mount?: string },
): void {
  const stack = VaultStack.of(scope);
  const within = claim.mount === undefined ? stack.vaultScope : `${stack.vaultScope}, mount ${claim.mount}`;
  const kind = claim.kind === 'audit file' ? claim.kind : NAMES[claim.kind].what.replace(/^an? /, '');
  claimName(scope, property, { kind, within, name: claim.name });
}
