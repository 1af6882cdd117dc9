import type { Problem } from '../core/errors';

/** Limits of a function that rotates: shorter than the code's own limits and it would be cut off in the middle. */
export const FUNCTION_SIZE = {
  timeoutSeconds: { min: 30, max: 900, default: 60 },
  memoryMib: { min: 128, max: 10_240, default: 256 },
} as const;

/** What a rotation function may use. */
export interface FunctionSize {
  /**
   * Seconds for one step, 30 to 900; the code gives up by itself after 20.
   *
   * @default 60
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
   */
  readonly timeoutSeconds?: number;
  /**
   * Memory in MiB, 128 to 10240; the processor's share grows with it, and so a cold start gets shorter.
   *
   * @default 256
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
   */
  readonly memoryMib?: number;
}

/** What is wrong with a function's limits. */
export function sizeProblems(size: FunctionSize): readonly (Problem | undefined)[] {
  return (['timeoutSeconds', 'memoryMib'] as const).map((property) => {
    const { min, max, default: usual } = FUNCTION_SIZE[property];
    const value = size[property] ?? usual;
    if (Number.isInteger(value) && value >= min && value <= max) return undefined;
    return {
      code: 'SR-ROTATION-SIZE',
      property,
      message: `is ${value}, allowed are whole numbers from ${min} to ${max}`,
      fix: `leave it out for ${usual}`,
    };
  });
}
