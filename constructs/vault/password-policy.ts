import { PasswordPolicy as VaultPasswordPolicy } from '@cdktf/provider-vault/lib/password-policy';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import { expectMadeElsewhere } from './made-elsewhere';
import { claimVaultName, vaultNameProblem } from './names';
import { VaultStack } from './vault-stack';

/** Vault makes passwords from 4 to 100 characters; below 20 letters and digits they can be guessed offline. */
const LENGTH = { min: 20, max: 100, default: 32 } as const;

const CHARACTERS = {
  lower: 'abcdefghijklmnopqrstuvwxyz',
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  digits: '0123456789',
} as const;

/** Symbols that survive URLs, shells, connection strings and templates unescaped. */
const SAFE_SYMBOLS = '-_.~';

/** How Vault makes passwords. */
export interface IPasswordPolicy {
  readonly name: string;
  /** What must exist before a role uses it; empty where another stack makes the policy. */
  readonly dependables: readonly ITerraformDependable[];
}

/** Properties of {@link PasswordPolicy}. */
export interface PasswordPolicyProps {
  /** The policy's name; the environment stands in front of it unless it has the server alone. */
  readonly name: string;
  /**
   * Characters of a password, from 20 to 100.
   *
   * @default 32
   */
  readonly length?: number;
  /**
   * Symbols of which each password has at least one, chosen from `-_.~`.
   *
   * @default '' letters and digits only
   */
  readonly symbols?: string;
}

/**
 * A rule by which Vault makes passwords: a lower-case letter, an upper-case letter and a digit at least.
 *
 * @see https://developer.hashicorp.com/vault/docs/concepts/password-policies
 */
export class PasswordPolicy extends Construct implements IPasswordPolicy {
  /**
   * The policy that the platform's stack makes from the same properties.
   *
   * @throws {InvalidProps} when synthesized, `SR-VAULT-PASSWORD-POLICY-MISSING` if that stack is in the app and makes none.
   */
  static shared(scope: Construct, props: PasswordPolicyProps): IPasswordPolicy {
    const name = VaultStack.of(scope).named(props.name);
    refuse(scope, policyProblems(props, name));
    expectMadeElsewhere(scope, { code: 'SR-VAULT-PASSWORD-POLICY-MISSING', kind: 'password policy', path: name });
    return { name, dependables: [] };
  }

  readonly name: string;
  readonly dependables: readonly ITerraformDependable[];

  /** @throws {InvalidProps} `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`, `SR-VAULT-PASSWORD-LENGTH`, `SR-VAULT-PASSWORD-SYMBOLS`. */
  constructor(scope: Construct, id: string, props: PasswordPolicyProps) {
    super(scope, id);
    const stack = VaultStack.of(this);
    this.name = stack.named(props.name);
    refuse(this, policyProblems(props, this.name));
    claimVaultName(this, 'name', { kind: 'passwordPolicy', name: this.name });
    stack.note({ kind: 'password policy', path: this.name, made: true });
    this.dependables = [new VaultPasswordPolicy(this, 'policy', { name: this.name, policy: policyText(props) })];
  }
}

function policyText({ length = LENGTH.default, symbols = '' }: PasswordPolicyProps): string {
  const sets = [...Object.values(CHARACTERS), ...(symbols === '' ? [] : [symbols])];
  const rules = sets.map((set) => `rule "charset" {\n  charset = "${set}"\n  min-chars = 1\n}\n`);
  return [`length = ${length}\n`, ...rules].join('\n');
}

function policyProblems(props: PasswordPolicyProps, name: string): readonly (Problem | undefined)[] {
  const { length = LENGTH.default, symbols = '' } = props;
  const unsafe = [...symbols].filter((symbol) => !SAFE_SYMBOLS.includes(symbol));
  return [
    vaultNameProblem('passwordPolicy', 'name', name),
    Number.isInteger(length) && length >= LENGTH.min && length <= LENGTH.max
      ? undefined
      : {
          code: 'SR-VAULT-PASSWORD-LENGTH',
          property: 'length',
          message: `is ${length}, allowed are whole numbers from ${LENGTH.min} to ${LENGTH.max}`,
          fix: `leave it out for ${LENGTH.default}`,
        },
    unsafe.length === 0
      ? undefined
      : {
          code: 'SR-VAULT-PASSWORD-SYMBOLS',
          property: 'symbols',
          message: `has ${JSON.stringify(unsafe.join(''))}, allowed are the symbols ${SAFE_SYMBOLS}`,
          fix: 'leave them out: others break a URL, a shell word or a connection string, and length does more',
        },
  ];
}
