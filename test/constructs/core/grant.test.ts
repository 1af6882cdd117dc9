import { describe, expect, it } from 'vitest';
import { Grant } from '../../../constructs/core/grant';

describe('Grant.explain', () => {
  it('says in a sentence for each statement who may do what on what, when, and why', () => {
    const grant = new Grant('myapp-task', 'myapp/database', [
      { allows: ['read', 'describe'], on: 'secret/one', reason: 'the program reads it at start' },
      { allows: ['decrypt'], on: 'key/two', when: 'asked through the store', reason: 'the value is encrypted with it' },
    ]);
    expect(grant.explain()).toBe(
      [
        'myapp-task may read, describe on secret/one: the program reads it at start',
        'myapp-task may decrypt on key/two when asked through the store: the value is encrypted with it',
      ].join('\n'),
    );
  });

  it('has nothing to wait for unless told so', () => {
    expect(new Grant('a', 'b', []).dependables).toEqual([]);
  });
});
