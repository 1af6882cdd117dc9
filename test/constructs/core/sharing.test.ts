import { describe, expect, it } from 'vitest';
import type { CoreEnvironment } from '../../../constructs/core/environment';
import { type SharedPlace, sharingReport } from '../../../constructs/core/sharing';
import { PROD } from '../../support/core-environment';

interface Housed extends CoreEnvironment {
  readonly house: string;
  readonly alone?: boolean;
}

const PLACE: SharedPlace<Housed> = {
  kind: 'house',
  own: 'a house of its own',
  vendor: 'Example',
  of: ({ house }) => house,
  alone: ({ alone }) => alone === true,
  property: 'example.alone',
  code: 'SR-TEST',
};

const prod: Housed = { ...PROD, house: 'one' };
const dev: Housed = { ...PROD, name: 'dev', tier: 'development', house: 'one' };
const staging: Housed = { ...dev, name: 'staging', tier: 'staging' };

describe('sharingReport', () => {
  it('has nothing to say where each environment has a place of its own, and says so', () => {
    const apart = [prod, { ...dev, house: 'two' }].map((one) => ({ ...one, alone: true }));
    expect(sharingReport(apart, PLACE)).toEqual({ problems: [], warnings: [] });
  });

  it('refuses whoever says that it is alone and is not, naming its company', () => {
    expect(sharingReport([{ ...dev, alone: true }, staging], PLACE).problems).toEqual([
      {
        code: 'SR-TEST',
        property: 'dev.example.alone',
        message: 'is true, but staging is in house one too',
        fix: 'leave it out, or give each environment a house of its own',
      },
    ]);
  });

  it('warns about production once for each that it shares with, and about nobody else', () => {
    expect(sharingReport([dev, staging, prod], PLACE).warnings).toEqual([
      'prod shares Example house one with dev: a house of its own is the stronger wall',
      'prod shares Example house one with staging: a house of its own is the stronger wall',
    ]);
  });
});
