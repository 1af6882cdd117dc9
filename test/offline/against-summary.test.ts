import { expect, it } from 'vitest';
import { againstNotes, changedIn } from '../../offline/against-summary';
import type { PlannedStack, ResourceChange } from '../../offline/plan';
import type { BlockSchema } from '../../offline/schema';

const SCHEMA: BlockSchema = {
  attributes: { path: { type: 'string', replace: 'if' }, note: { type: 'string' } },
  blocks: {
    rule: { nesting: 'list', attributes: { plan: { type: 'string', replace: 'if' }, days: { type: 'number' } } },
  },
};

function told(before: object, after: object, rest: object = {}) {
  const planned = {
    servings: [{ schema: { resources: { vault_thing: SCHEMA } } }],
    against: { is: 'both', doubts: [{ address: 'vault_thing.was', attributes: ['rule', 'note'] }] },
  } as unknown as PlannedStack;
  const change = { address: 'vault_thing.a', type: 'vault_thing', change: { before, after }, ...rest };
  return changedIn(planned, change as unknown as ResourceChange);
}

it('says which altered attributes may replace, in blocks too', () => {
  const before = { path: 'a', note: 'a', rule: [{ plan: 'a', days: 1 }] };
  const after = { path: 'b', note: 'b', rule: [{ plan: 'b', days: 2 }] };
  expect(told(before, after).mayReplace).toEqual(['path', 'rule.0.plan']);
});

it('says nothing of attributes that stay', () => {
  expect(told({ path: 'a', note: 'a' }, { path: 'a', note: 'b' }).mayReplace).toEqual([]);
});

it('doubts what the unchanged base altered too, under the address that it had', () => {
  const moved = { previous_address: 'vault_thing.was' };
  const before = { path: 'a', rule: [{ days: 1 }] };
  const after = { path: 'b', rule: [{ days: 2 }] };
  expect(told(before, after, moved).doubtful).toEqual(['rule.0.days']);
  expect(told(before, after).doubtful).toEqual([]);
});

it('says that a change in place may replace by rules that a stand-in lacks', () => {
  const planned = (kind: string) =>
    ({
      stack: { id: 'a' },
      servings: [{ kind, schema: { resources: { vault_thing: { custom_diff: true }, vault_other: {} } } }],
      against: { is: 'both', doubts: [] },
      changes: [
        { address: 'vault_thing.a', type: 'vault_thing', change: { actions: ['update'] } },
        { address: 'vault_thing.b', type: 'vault_thing', change: { actions: ['delete', 'create'] } },
        { address: 'vault_other.c', type: 'vault_other', change: { actions: ['update'] } },
      ],
    }) as unknown as PlannedStack;
  const told = (kind: string) => againstNotes(planned(kind), (address) => `path of ${address}`);
  expect(told('stand-in')).toEqual(["may replace, by rules in the provider's code: path of vault_thing.a"]);
  expect(told('detached')).toEqual([]);
});
