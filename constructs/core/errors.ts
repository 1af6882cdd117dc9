import type { IConstruct } from 'constructs';

/** What a user must know to put one wrong value right. */
export interface Problem {
  /** Stable code, listed in docs/errors.md, such as `SR-SCHEDULE-TOO-RARE`. */
  readonly code: string;
  /** The property as the user typed it, such as `rotation.schedule`. */
  readonly property: string;
  /** What is wrong and what is allowed, with the value received unless it could be a secret. */
  readonly message: string;
  /** What to write instead. */
  readonly fix: string;
}

/** Thrown before anything is synthesized: every problem of one input at once. */
export class InvalidProps extends Error {
  override readonly name = 'InvalidProps';

  constructor(
    /** The construct's path, or the name of the input, such as `environments`. */
    readonly path: string,
    readonly problems: readonly Problem[],
  ) {
    super(problems.map((problem) => describe(path, problem)).join('\n'));
  }

  /** One line for each problem. CDKTF adds to the message of an error that passes through it, so this is made anew. */
  get lines(): readonly string[] {
    return this.problems.map((problem) => describe(this.path, problem));
  }
}

/**
 * Throws unless there are no problems.
 *
 * @param at the construct whose properties were checked, or the name of an input that is no construct.
 * @throws {InvalidProps} when at least one problem was found.
 */
export function refuse(at: IConstruct | string, problems: readonly (Problem | undefined)[]): void {
  const found = problems.filter((problem): problem is Problem => problem !== undefined);
  if (found.length > 0) throw new InvalidProps(typeof at === 'string' ? at : at.node.path, found);
}

function describe(path: string, problem: Problem): string {
  return `${path}: ${problem.property} ${problem.message}; ${problem.fix} [${problem.code}]`;
}
