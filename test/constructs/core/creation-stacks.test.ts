import { Lazy } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { withoutCreationStacks } from '../../../constructs/core/creation-stacks';

const token = () => Lazy.anyValue({ produce: () => 'a' });

describe('withoutCreationStacks', () => {
  it('has CDKTF make tokens without a note of where', () => {
    expect(token().creationStack.length).toBeGreaterThan(0);
    expect(withoutCreationStacks(token).creationStack).toEqual([]);
  });

  it('leaves the traces of errors as they are, and those that others ask for', () => {
    const asked: { stack?: string } = {};
    const error = withoutCreationStacks(() => {
      Error.captureStackTrace(asked);
      return new Error('x');
    });
    expect(error.stack).toContain('creation-stacks.test.ts');
    expect(asked.stack).toContain('creation-stacks.test.ts');
  });

  it('gives back what the work returns or throws, and everything is as before', () => {
    const before = Error.captureStackTrace;
    expect(withoutCreationStacks(() => 1)).toBe(1);
    expect(() =>
      withoutCreationStacks(() => {
        throw new Error('thrown');
      }),
    ).toThrow('thrown');
    expect(Error.captureStackTrace).toBe(before);
  });
});
