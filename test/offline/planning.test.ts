import { expect, it } from 'vitest';
import type { BlockSchema } from '../../offline/schema';
import { planChange } from '../../offline/stand-in/planning';
import { fromWire, toWire, UNKNOWN } from '../../offline/stand-in/value';

const SCHEMA: BlockSchema = {
  attributes: {
    id: { type: 'string', computed: true },
    name: { type: 'string', required: true, replace: true },
    note: { type: 'string', optional: true },
    size: { type: 'number', optional: true, computed: true, replace: 'configured' },
    value_wo: { type: 'string', optional: true, write_only: true },
  },
};
const config = { id: null, name: 'a', note: null, size: null, value_wo: 'hush' };
const prior = { id: '1', name: 'a', note: null, size: 5, value_wo: null };

it('plans a new resource: what the provider decides is unknown, what is written only is null', () => {
  const { state, replace } = planChange(SCHEMA, null, config, config);
  expect(state).toEqual({ id: UNKNOWN, name: 'a', note: null, size: UNKNOWN, value_wo: null });
  expect(replace).toEqual([]);
});

it('keeps what the provider decided when something else changes', () => {
  const { state, replace } = planChange(
    SCHEMA,
    prior,
    { ...prior, note: 'b', value_wo: 'hush' },
    { ...config, note: 'b' },
  );
  expect(state).toEqual({ ...prior, note: 'b' });
  expect(replace).toEqual([]);
});

it('replaces for a name, and for a size only where it is configured', () => {
  expect(planChange(SCHEMA, prior, { ...prior, name: 'b' }, { ...config, name: 'b' }).replace).toEqual([['name']]);
  expect(planChange(SCHEMA, prior, { ...prior, size: 6 }, { ...config, size: 6 }).replace).toEqual([['size']]);
  expect(planChange(SCHEMA, prior, { ...prior, size: 6 }, config).replace).toEqual([]);
});

it('writes and reads unknown values', () => {
  expect(fromWire(toWire({ id: UNKNOWN, list: [UNKNOWN, 1] }))).toEqual({ id: UNKNOWN, list: [UNKNOWN, 1] });
});
