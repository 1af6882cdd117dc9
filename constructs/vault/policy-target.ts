import type { Problem } from '../core/errors';
import { vaultNameProblem } from './names';

/** What a policy can allow. Not `sudo`: nothing that Strongroom makes needs it. */
export type Capability = 'create' | 'read' | 'update' | 'patch' | 'delete' | 'list';

/** Every capability, in the order in which policies write them. */
export const CAPABILITIES: readonly Capability[] = ['create', 'read', 'update', 'patch', 'delete', 'list'];

/** The parts of a path that Vault takes literally: no wildcard, no template, no quote. */
const LITERAL_PATH = /^[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*$/;

/** Paths through which a token could give itself more; what it may do there is read, and the exceptions below. */
const ESCALATION = /^(?:sys|auth|identity)(?:\/|$)/;
const HARMLESS = [
  'auth/token/lookup-self',
  'auth/token/renew-self',
  'auth/token/revoke-self',
  'sys/leases/lookup',
  'sys/leases/renew',
  'sys/leases/revoke',
  'sys/wrapping/unwrap',
  'sys/wrapping/wrap',
] as const;

/**
 * A path of a policy, made from the thing that it leads to, so that it can't name what isn't there.
 *
 * Mounts, secrets and roles hand theirs out; the package exports the type alone, and {@link uncheckedPath}.
 */
export class PolicyTarget {
  constructor(
    readonly kind: 'kv data' | 'kv metadata' | 'database credentials' | 'unchecked',
    /** The path as Vault matches it. */
    readonly path: string,
    /** Everything that is wrong with it alone. */
    readonly problems: readonly (Problem | undefined)[] = [],
  ) {}

  /** Everything that is wrong with these capabilities on this target. */
  capabilityProblems(capabilities: readonly Capability[]): readonly (Problem | undefined)[] {
    const unknown = capabilities.find((one) => !CAPABILITIES.includes(one));
    if (capabilities.length === 0 || unknown !== undefined) return [unknownCapability(unknown)];
    return [this.misfit(capabilities)];
  }

  /** Private, so that no other object passes for a target. */
  private misfit(capabilities: readonly Capability[]): Problem | undefined {
    switch (this.kind) {
      case 'kv data':
        return capabilities.includes('list') ? listOnData(this.path) : undefined;
      case 'database credentials':
        return capabilities.every((one) => one === 'read') ? undefined : onlyRead(this.path);
      case 'unchecked':
        return escalates(this.path, capabilities) ? escalation(this.path) : undefined;
      case 'kv metadata':
        return undefined;
    }
  }
}

/**
 * A path that Strongroom knows nothing about, such as `transit/encrypt/orders`. It is literal: wildcards, templates and
 * everything through which a token could give itself more are refused, and so are paths into mounts that Strongroom
 * knows, which have targets of their own.
 */
export function uncheckedPath(path: string): PolicyTarget {
  return new PolicyTarget('unchecked', path, [
    LITERAL_PATH.test(path)
      ? undefined
      : {
          code: 'SR-VAULT-POLICY-PATH',
          property: 'on',
          message: `is ${JSON.stringify(path)}, allowed are literal paths without wildcards, templates and slashes at the ends`,
          fix: 'write one rule for each path, or use the target of a mount, secret or role',
        },
  ]);
}

/** One secret of a KV mount, or all below a prefix. */
export interface KvPlace {
  readonly mount: string;
  readonly part: 'data' | 'metadata';
  readonly name: string;
  /** Whether all secrets below the name are meant, and not the name itself. */
  readonly below: boolean;
}

/** The target of a place in a KV mount: version 2 keeps values and metadata on different paths. */
export function kvTarget({ mount, part, name, below }: KvPlace): PolicyTarget {
  const path = `${mount}/${part}/${name}${below ? '/*' : ''}`;
  return new PolicyTarget(`kv ${part}`, path, [vaultNameProblem('kvSecret', below ? 'prefix' : 'name', name)]);
}

function unknownCapability(unknown: string | undefined): Problem {
  return {
    code: 'SR-VAULT-POLICY-CAPABILITY',
    property: 'can',
    message: `${unknown === undefined ? 'is empty' : `has ${JSON.stringify(unknown)}`}, allowed are ${CAPABILITIES.join(', ')}, or 'nothing' to deny`,
    fix: 'name what is needed; sudo is for operators, whose policies are not an application stack’s',
  };
}

function listOnData(path: string): Problem {
  return {
    code: 'SR-VAULT-POLICY-LIST',
    property: 'can',
    message: `has list on ${path}, where Vault lists nothing: names are listed on the metadata path`,
    fix: 'give read here, and list on metadataBelow(…) if the names must be seen',
  };
}

function onlyRead(path: string): Problem {
  return {
    code: 'SR-VAULT-POLICY-CAPABILITY',
    property: 'can',
    message: `has more than read on ${path}, where credentials are read and nothing else exists`,
    fix: "write ['read']",
  };
}

function escalates(path: string, capabilities: readonly Capability[]): boolean {
  const known: readonly string[] = HARMLESS;
  return ESCALATION.test(path) && capabilities.some((one) => one !== 'read') && !known.includes(path);
}

function escalation(path: string): Problem {
  return {
    code: 'SR-VAULT-POLICY-ESCALATION',
    property: 'can',
    message: `writes to ${path}, through which a token can give itself more`,
    fix: 'leave it to the operator who deploys the platform stack',
  };
}
