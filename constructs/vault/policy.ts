import { Policy as VaultPolicy } from '@cdktf/provider-vault/lib/policy';
import { type ITerraformDependable, Lazy } from 'cdktf';
import { Construct } from 'constructs';
import { InvalidProps, type Problem, refuse } from '../core/errors';
import { claimVaultName, vaultNameProblem } from './names';
import { type PolicyRule, policyText, ruleProblems } from './policy-text';
import { type Noted, VaultStack } from './vault-stack';

/** A policy, to be attached to identities. */
export interface IPolicy {
  readonly name: string;
  /** The policy's name as a reference, so that what uses it comes after it. */
  readonly nameReference: string;
  /** What must exist before the policy works. */
  readonly dependables: readonly ITerraformDependable[];
}

/** Properties of {@link Policy}. */
export interface PolicyProps {
  /** The policy's name; the environment stands in front of it unless it has the server alone. */
  readonly name: string;
  /** @default [] rules are added later */
  readonly rules?: readonly PolicyRule[];
}

/**
 * A policy, written from the mounts, secrets and roles that it opens, so that it can't name what isn't there.
 *
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies
 */
export class Policy extends Construct implements IPolicy {
  readonly name: string;
  readonly nameReference: string;
  readonly dependables: readonly ITerraformDependable[];
  private readonly rules: PolicyRule[] = [];

  /** @throws {InvalidProps} `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`, and every code of {@link Policy.add}. */
  constructor(scope: Construct, id: string, props: PolicyProps) {
    super(scope, id);
    this.name = VaultStack.of(this).named(props.name);
    refuse(this, [vaultNameProblem('policy', 'name', this.name)]);
    claimVaultName(this, 'name', { kind: 'policy', name: this.name });
    this.add(...(props.rules ?? []));
    const policy = new VaultPolicy(this, 'policy', {
      name: this.name,
      policy: Lazy.stringValue({ produce: () => policyText(this.rules) }),
    });
    this.nameReference = policy.name;
    this.dependables = [policy];
    this.node.addValidation({ validate: () => this.lateProblems() });
  }

  /** The policy's text as it stands. */
  get text(): string {
    return policyText(this.rules);
  }

  /**
   * Adds rules.
   *
   * @throws {InvalidProps} `SR-VAULT-POLICY-LIST` for list where nothing is listed, `SR-VAULT-POLICY-CAPABILITY`,
   * `SR-VAULT-POLICY-PATH`, `SR-VAULT-POLICY-ESCALATION`, `SR-VAULT-POLICY-CONFLICT`, `SR-VAULT-POLICY-SHADOW`,
   * `SR-VAULT-POLICY-REASON`; when synthesized also `SR-VAULT-POLICY-EMPTY`, `SR-VAULT-POLICY-KNOWN-MOUNT`.
   */
  add(...rules: readonly PolicyRule[]): void {
    refuse(this, ruleProblems([...this.rules, ...rules]));
    this.rules.push(...rules);
  }

  /** What can be judged only when all stacks are there. */
  private lateProblems(): string[] {
    const { known } = VaultStack.of(this);
    const unchecked = this.rules.filter(({ on }) => on.kind === 'unchecked');
    const problems = [
      ...(this.rules.length === 0 ? [emptyPolicy()] : []),
      ...unchecked.flatMap(({ on }) => known.flatMap((noted) => knownMount(on.path, noted, known))),
    ];
    const lines = problems.length === 0 ? [] : new InvalidProps(this.node.path, problems).message.split('\n');
    return [...new Set(lines)];
  }
}

function emptyPolicy(): Problem {
  return {
    code: 'SR-VAULT-POLICY-EMPTY',
    property: 'rules',
    message: 'are none, and Vault refuses an empty policy',
    fix: 'add a rule or leave the policy out: without one everything is denied',
  };
}

/** An unchecked path into a mount that Strongroom knows goes past everything that it knows of the mount. */
function knownMount(path: string, noted: Noted, known: readonly Noted[]): readonly Problem[] {
  if (noted.kind !== 'kv mount' && noted.kind !== 'database mount') return [];
  if (path !== noted.path && !path.startsWith(`${noted.path}/`)) return [];
  const problem = { code: 'SR-VAULT-POLICY-KNOWN-MOUNT', property: 'rules' };
  if (noted.kind === 'kv mount') {
    return [
      {
        ...problem,
        message: `name ${path} unchecked, which is in the KV mount ${noted.path}: values are below data/, names and metadata below metadata/, and nothing is anywhere else`,
        fix: 'use data or metadata of the secret, or dataBelow(…) or metadataBelow(…) of the mount',
      },
    ];
  }
  const role = path.slice(noted.path.length + 1).replace(/^(?:static-)?creds\//, '');
  const made = known.some(
    (other) => other.kind === 'database role' && other.path === `${noted.path}/${role}` && other.made,
  );
  return [
    {
      ...problem,
      message: made
        ? `name ${path} unchecked, which is in the database mount ${noted.path}`
        : `name ${path} unchecked, but nobody makes a role ${JSON.stringify(role)} on ${noted.path}`,
      fix: 'use the credentials of the role',
    },
  ];
}
