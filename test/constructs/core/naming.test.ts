import { Testing, Token } from 'cdktf';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { claimName, type NameRule, nameProblem } from '../../../constructs/core/naming';
import { BareStack, PROD, refusedLines } from '../../support/core-environment';

const RULE: NameRule = {
  what: 'a box',
  minLength: 2,
  maxLength: 8,
  pattern: /^[a-z-]+$/,
  allowed: 'lower-case letters and hyphens',
  forbidden: [{ pattern: /-$/, why: 'which ends in a hyphen' }],
  see: 'https://docs.example.com/boxes',
};

describe('nameProblem', () => {
  it('takes a legal name, at both ends of the length', () => {
    expect(nameProblem(RULE, 'name', 'ab')).toBeUndefined();
    expect(nameProblem(RULE, 'name', 'abcdefgh')).toBeUndefined();
  });

  it('names the name, the limit broken, what is allowed and the page', () => {
    expect(nameProblem(RULE, 'name', 'a')).toEqual({
      code: 'SR-NAME-ILLEGAL',
      property: 'name',
      message: 'gives a box the name "a", which is shorter than 2 characters',
      fix: 'use 2 to 8 of lower-case letters and hyphens, see https://docs.example.com/boxes',
    });
  });

  it.each([
    ['abcdefghi', 'which is longer than 8 characters'],
    ['Box', 'which has characters outside lower-case letters and hyphens'],
    ['box-', 'which ends in a hyphen'],
  ])('refuses %s, %s', (name, why) => {
    expect(nameProblem(RULE, 'name', name)?.message).toBe(`gives a box the name "${name}", ${why}`);
  });

  it('does not judge a name that Terraform only knows later', () => {
    expect(nameProblem(RULE, 'name', Token.asString({ resolve: () => 'X' }))).toBeUndefined();
  });
});

describe('claimName', () => {
  const twoStacks = () => {
    const app = Testing.app();
    const first = new Construct(new BareStack(app, PROD), 'one');
    const second = new Construct(new BareStack(app, { ...PROD, name: 'dev' }), 'two');
    return { first, second };
  };
  const claim = { kind: 'box', within: 'account 111122223333', name: 'myapp' };

  it('refuses a name that a construct of another stack has in the same scope, and names that one', () => {
    const { first, second } = twoStacks();
    claimName(first, 'name', claim);
    expect(refusedLines(() => claimName(second, 'name', claim))).toEqual([
      'dev-myapp-vault/two: name gives the box name "myapp", which prod-myapp-vault/one has already in account 111122223333; give one of the two another name [SR-NAME-TAKEN]',
    ]);
  });

  it('says that the whole world is the scope', () => {
    const { first, second } = twoStacks();
    claimName(first, 'name', { ...claim, within: '' });
    expect(() => claimName(second, 'name', { ...claim, within: '' })).toThrow('has already in the world');
  });

  it('allows the same name in another scope, for another kind, and again by the same construct', () => {
    const { first, second } = twoStacks();
    claimName(first, 'name', claim);
    claimName(first, 'name', claim);
    claimName(second, 'name', { ...claim, within: 'account 444455556666' });
    claimName(second, 'name', { ...claim, kind: 'crate' });
  });

  it('takes names that differ in case alone as one where the vendor does', () => {
    const { first, second } = twoStacks();
    claimName(first, 'name', { ...claim, caseInsensitive: true });
    expect(() => claimName(second, 'name', { ...claim, name: 'MyApp', caseInsensitive: true })).toThrow(
      'SR-NAME-TAKEN',
    );
  });

  it('keeps the names of two apps in one process apart', () => {
    claimName(twoStacks().first, 'name', claim);
    claimName(twoStacks().second, 'name', claim);
  });

  it('does not claim what Terraform only knows later', () => {
    const { first, second } = twoStacks();
    const name = Token.asString({ resolve: () => 'x' });
    claimName(first, 'name', { ...claim, name });
    claimName(second, 'name', { ...claim, name });
  });
});
