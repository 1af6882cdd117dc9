import type { GrantStatement } from '../core/grant';

/** One statement of an IAM policy, with why it is there. */
export interface PolicyStatement {
  readonly sid: string;
  /** @default 'Allow' */
  readonly effect?: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  readonly reason: string;
}

/** The statements as a policy document. */
export function policyDocument(statements: readonly PolicyStatement[]): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map(({ sid, effect = 'Allow', actions, resources, condition }) => ({
      Sid: sid,
      Effect: effect,
      Action: oneOrMany(actions),
      Resource: oneOrMany(resources),
      ...(condition === undefined ? {} : { Condition: condition }),
    })),
  });
}

/** The statements as a grant explains them. */
export function explained(statements: readonly PolicyStatement[]): readonly GrantStatement[] {
  return statements.map(({ effect = 'Allow', actions, resources, condition, reason }) => ({
    allows: effect === 'Allow' ? actions : actions.map((action) => `not ${action}`),
    on: resources.join(', '),
    ...(condition === undefined ? {} : { when: JSON.stringify(condition) }),
    reason,
  }));
}

// As IAM itself stores a list of one, so that a plan after the apply is empty.
function oneOrMany(list: readonly string[]): string | readonly string[] {
  const [first] = list;
  return list.length === 1 && first !== undefined ? first : list;
}
