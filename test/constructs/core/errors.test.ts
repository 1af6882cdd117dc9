import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { InvalidProps, type Problem, refuse } from '../../../constructs/core/errors';
import { bareStack, refusedLines } from '../../support/core-environment';

const PROBLEM: Problem = { code: 'SR-TEST', property: 'size', message: 'is 0, allowed are 1 to 9', fix: 'write 1' };

describe('refuse', () => {
  it('throws nothing when every check returns nothing', () => {
    expect(() => refuse('input', [undefined, undefined])).not.toThrow();
  });

  it('names the construct, the property, what is wrong, the fix and the code in one line', () => {
    const construct = new Construct(bareStack(), 'box');
    expect(refusedLines(() => refuse(construct, [PROBLEM]))).toEqual([
      'prod-myapp-vault/box: size is 0, allowed are 1 to 9; write 1 [SR-TEST]',
    ]);
  });

  it('reports all problems of one input together, and skips the checks that found nothing', () => {
    const lines = refusedLines(() => refuse('environments', [PROBLEM, undefined, { ...PROBLEM, property: 'name' }]));
    expect(lines).toEqual([
      'environments: size is 0, allowed are 1 to 9; write 1 [SR-TEST]',
      'environments: name is 0, allowed are 1 to 9; write 1 [SR-TEST]',
    ]);
  });
});

describe('InvalidProps', () => {
  it('keeps its lines clean when somebody on the way changes its message', () => {
    const error = new InvalidProps('input', [PROBLEM]);
    error.message = `Resolution error: ${error.message}`;
    expect(error.lines).toEqual(['input: size is 0, allowed are 1 to 9; write 1 [SR-TEST]']);
  });
});
