import { describe, expect, it } from 'vitest';
import { unexplainedChanges } from '../support/terraform/plan-changes';
import type { Plan, ResourceChange } from '../support/terraform/terraform';

const GAPS = [{ type: 'aws_kms_key', attribute: 'rotation_period_in_days', reason: 'is not stored' }];

function planOf(change: Partial<ResourceChange['change']>, outputs: readonly string[] = []): Plan {
  const whole = { actions: ['update'], before: {}, after: {}, after_unknown: {}, ...change };
  const changes: ResourceChange[] = [{ address: 'aws_kms_key.a', mode: 'managed', type: 'aws_kms_key', change: whole }];
  return { file: '', json: '', text: '', changes, outputs };
}

describe('the changes that no gap explains', () => {
  it('are none when only a gap differs', () => {
    const plan = planOf({
      before: { rotation_period_in_days: 0, tags: { a: 'b' } },
      after: { rotation_period_in_days: 365, tags: { a: 'b' } },
    });
    expect(unexplainedChanges(plan, GAPS)).toEqual([]);
  });

  it('are every other attribute of the same resource', () => {
    const plan = planOf({
      before: { rotation_period_in_days: 0, policy: 'a' },
      after: { rotation_period_in_days: 365, policy: 'b' },
    });
    expect(unexplainedChanges(plan, GAPS)).toEqual(['aws_kms_key.a: policy']);
  });

  it('are attributes that are only known after an apply', () => {
    expect(unexplainedChanges(planOf({ after_unknown: { policy: true, tags: {} } }), GAPS)).toEqual([
      'aws_kms_key.a: policy',
    ]);
  });

  it('are attributes of another type with the same name', () => {
    const plan = planOf({ before: { rotation_period_in_days: 0 }, after: { rotation_period_in_days: 365 } });
    expect(
      unexplainedChanges(plan, [{ type: 'aws_kms_alias', attribute: 'rotation_period_in_days', reason: '' }]),
    ).toEqual(['aws_kms_key.a: rotation_period_in_days']);
  });

  it('are a replacement, whatever differs', () => {
    const plan = planOf({ actions: ['delete', 'create'], before: { rotation_period_in_days: 0 }, after: {} });
    expect(unexplainedChanges(plan, GAPS)).toEqual(['aws_kms_key.a: delete, create']);
  });

  it('are outputs', () => {
    expect(unexplainedChanges(planOf({}, ['arn']), GAPS)).toEqual(['output arn']);
  });
});
