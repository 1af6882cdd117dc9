/** A statement of an IAM or resource policy, as AWS writes it. */
export interface PolicyStatement {
  /** A name for the statement. @default - none */
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  /** Who, in policies of resources. @default - whoever the policy is attached to */
  readonly Principal?: Readonly<Record<string, string | readonly string[]>> | '*';
  readonly Action: string | readonly string[];
  /** On what. @default - nothing is named, as trust policies have it */
  readonly Resource?: string | readonly string[];
  /** When it holds. @default - always */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A policy document of these statements, as text that checkers can read. */
export function policyDocument(statements: readonly PolicyStatement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}
