import type { ITerraformDependable } from 'cdktf';

/** One permission that a grant emitted. */
export interface GrantStatement {
  /** What it allows, in the store's own words: actions, a role's name, capabilities. */
  readonly allows: readonly string[];
  /** What it allows this on: an ARN, a scope, a path. */
  readonly on: string;
  /** The condition under which it holds. @default - always */
  readonly when?: string;
  /** Why it is needed. */
  readonly reason: string;
}

/** What `grantRead`, `grantRotate` and their like return: the statements emitted, each with its reason. */
export class Grant {
  constructor(
    /** The name of the identity that was given access. */
    readonly identity: string,
    /** The name of the secret. */
    readonly secret: string,
    readonly statements: readonly GrantStatement[],
    /** What must exist before the grant works: order consumers after it. */
    readonly dependables: readonly ITerraformDependable[] = [],
  ) {}

  /** The grant as sentences, one line per statement. */
  explain(): string {
    return this.statements
      .map((statement) => {
        const when = statement.when === undefined ? '' : ` when ${statement.when}`;
        return `${this.identity} may ${statement.allows.join(', ')} on ${statement.on}${when}: ${statement.reason}`;
      })
      .join('\n');
  }
}
