import { Token } from 'cdktf';
import type { IConstruct } from 'constructs';
import { type Problem, refuse } from './errors';

/** What a vendor allows as a name; each store hands in a table of these. */
export interface NameRule {
  /** What is named, such as `a secret of Secrets Manager`. */
  readonly what: string;
  readonly minLength: number;
  readonly maxLength: number;
  /** The characters allowed, matched against the whole name. */
  readonly pattern: RegExp;
  /** The pattern in words. */
  readonly allowed: string;
  /** Further forms that the vendor refuses or that break something, each with its reason. @default [] */
  readonly forbidden?: readonly { readonly pattern: RegExp; readonly why: string }[];
  /** The vendor's page. */
  readonly see: string;
}

/** The problem of a physical name, or nothing; a name that Terraform only knows later is not judged. */
export function nameProblem(rule: NameRule, property: string, name: string): Problem | undefined {
  if (Token.isUnresolved(name)) return undefined;
  const why = whyIllegal(rule, name);
  if (why === undefined) return undefined;
  return {
    code: 'SR-NAME-ILLEGAL',
    property,
    message: `gives ${rule.what} the name ${JSON.stringify(name)}, ${why}`,
    fix: `use ${rule.minLength} to ${rule.maxLength} of ${rule.allowed}, see ${rule.see}`,
  };
}

function whyIllegal(rule: NameRule, name: string): string | undefined {
  if (name.length < rule.minLength) return `which is shorter than ${rule.minLength} characters`;
  if (name.length > rule.maxLength) return `which is longer than ${rule.maxLength} characters`;
  if (!rule.pattern.test(name)) return `which has characters outside ${rule.allowed}`;
  return rule.forbidden?.find((form) => form.pattern.test(name))?.why;
}

/** A physical name and the scope in which it can exist only once. */
export interface NameClaim {
  /** What is named, such as `IAM role`. */
  readonly kind: string;
  /** Where the name must be unique, such as `account 111122223333`; the empty text is the whole world. */
  readonly within: string;
  readonly name: string;
  /** @default false */
  readonly caseInsensitive?: boolean;
}

// Keyed by the app's root: an association that lives and dies with that tree, not state of the process.
const claimed = new WeakMap<IConstruct, Map<string, string>>();

/**
 * Takes a physical name for a construct, so that no other construct of the app can give the same one.
 *
 * @throws {InvalidProps} `SR-NAME-TAKEN` when another construct has it, in this stack or any other of the app.
 */
export function claimName(scope: IConstruct, property: string, claim: NameClaim): void {
  if (Token.isUnresolved(claim.name)) return;
  const taken = claimed.get(scope.node.root) ?? new Map<string, string>();
  claimed.set(scope.node.root, taken);
  const name = claim.caseInsensitive ? claim.name.toLowerCase() : claim.name;
  const key = JSON.stringify([claim.kind, claim.within, name]);
  const owner = taken.get(key);
  if (owner !== undefined && owner !== scope.node.path) {
    refuse(scope, [
      {
        code: 'SR-NAME-TAKEN',
        property,
        message: `gives the ${claim.kind} name ${JSON.stringify(claim.name)}, which ${owner} has already in ${claim.within || 'the world'}`,
        fix: 'give one of the two another name',
      },
    ]);
  }
  taken.set(key, scope.node.path);
}
