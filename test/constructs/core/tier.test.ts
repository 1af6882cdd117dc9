import { describe, expect, it } from 'vitest';
import { TIERS, type TierDefaults, tierDefaults } from '../../../constructs/core/tier';

describe('tierDefaults', () => {
  it('protects production from being destroyed, and keeps what was deleted for as long as the stores allow', () => {
    expect(tierDefaults('production')).toMatchObject({
      preventDestroy: true,
      deletionProtection: true,
      finalSnapshot: true,
      recoveryDays: 30,
      logRetentionDays: 365,
      localState: false,
      multipleZones: true,
    });
  });

  it('protects staging like production, since production is rehearsed there', () => {
    expect(tierDefaults('staging')).toMatchObject({
      preventDestroy: true,
      deletionProtection: true,
      finalSnapshot: true,
      localState: false,
    });
  });

  it('lets a sandbox be thrown away at once, with its state on a laptop', () => {
    expect(tierDefaults('sandbox')).toMatchObject({ preventDestroy: false, recoveryDays: 0, localState: true });
  });

  it('allows local state in the sandbox alone', () => {
    expect(TIERS.filter((tier) => tierDefaults(tier).localState)).toEqual(['sandbox']);
  });

  it('never protects a higher tier less than a lower one', () => {
    const numbers: readonly (keyof TierDefaults)[] = ['recoveryDays', 'logRetentionDays', 'backupRetentionDays'];
    for (const key of [...numbers, 'preventDestroy', 'deletionProtection', 'finalSnapshot', 'multipleZones'] as const) {
      const values = TIERS.map((tier) => Number(tierDefaults(tier)[key]));
      expect(values, key).toEqual([...values].sort((a, b) => a - b));
    }
  });
});
