import { describe, expect, it } from 'vitest';
import { type CoreEnvironment, environmentProblems, environmentsProblems } from '../../../constructs/core/environment';
import type { Tier } from '../../../constructs/core/tier';
import { PROD, SANDBOX } from '../../support/core-environment';

describe('environmentProblems', () => {
  it('finds nothing wrong with remote state in production and local state in a sandbox', () => {
    expect(environmentsProblems([PROD, SANDBOX])).toEqual([]);
  });

  it.each(['', 'p', 'Prod', '1st', 'pre-prod', 'averylongname'])('refuses the name %j', (name) => {
    expect(environmentProblems({ ...PROD, name })).toMatchObject([
      {
        code: 'SR-ENVIRONMENT-NAME',
        property: 'name',
        message: `is ${JSON.stringify(name)}, allowed are 2 to 12 lower-case letters and digits, a letter first`,
      },
    ]);
  });

  it('refuses a tier that it does not know, and names those that it does', () => {
    expect(environmentProblems({ ...PROD, tier: 'live' as Tier })).toMatchObject([
      {
        code: 'SR-ENVIRONMENT-TIER',
        property: 'prod.tier',
        message: 'is "live", allowed are sandbox, development, staging, production',
      },
    ]);
  });

  it.each<Tier>(['development', 'staging', 'production'])('refuses local state in the %s tier', (tier) => {
    expect(environmentProblems({ ...PROD, tier, state: { kind: 'local' } })).toMatchObject([
      {
        code: 'SR-STATE-LOCAL',
        property: 'prod.state',
        message: `is local in the ${tier} tier, allowed are s3 and azurerm`,
      },
    ]);
  });
});

describe('environmentsProblems', () => {
  it('reports all problems of all environments together', () => {
    const bad: CoreEnvironment = { ...PROD, name: 'Bad', state: { kind: 'local' } };
    expect(environmentsProblems([bad, { ...SANDBOX, tier: 'none' as Tier }]).map(({ code }) => code)).toEqual([
      'SR-ENVIRONMENT-NAME',
      'SR-STATE-LOCAL',
      'SR-ENVIRONMENT-TIER',
    ]);
  });

  it('refuses two environments of one name once, however often it comes', () => {
    expect(environmentsProblems([PROD, { ...PROD }, { ...PROD }])).toMatchObject([
      { code: 'SR-ENVIRONMENT-TWICE', property: 'name', message: expect.stringContaining('"prod"') },
    ]);
  });
});
