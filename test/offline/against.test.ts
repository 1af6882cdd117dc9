import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { plan } from '../../cli/plan';
import { AgainstPlanner } from '../../offline/against';
import { findEngine } from '../../offline/engine';
import { PlanFolder } from '../../offline/plan';
import { type Planned, planAll } from '../../offline/planner';
import { Providers } from '../../offline/providers';
import { summarizePlan, summaryText } from '../../offline/summary';
import { readSynthesized, type SynthesizedStack } from '../../offline/synthesized';
import { synthesizeAll } from '../support/synthesize';
import { findLeaks } from '../support/terraform/leaks';
import { ENGINES, edited, environment, found, without } from './against-fixture';
import { fixtureStack, outputOf } from './fixture';

const schemas = process.env['STRONGROOM_SCHEMAS'];
const nothing = { add: 0, change: 0, replace: 0, destroy: 0 };

describe.each(ENGINES)('against a base on stand-ins, with %s', { timeout: 300_000 }, (_name, binary) => {
  const env = environment(binary);
  const against = (outdir: string, base: string, only: readonly string[] = []): Promise<Planned> =>
    planAll({ env, outdir, against: base, only, schemas, prefer: 'stand-in' });
  const fixture = () => outputOf(fixtureStack());

  describe('every stack of every environment, unchanged', () => {
    let planned: Planned;
    beforeAll(async () => {
      const { outdir } = await synthesizeAll();
      planned = await against(edited(outdir, {}), outdir);
    }, 300_000);

    it('is planned', () => {
      expect(planned.summaries).toHaveLength(18);
      expect(planned.summaries.filter((one) => !one.planned)).toEqual([]);
    });

    it('has nothing to change, which is also a second plan after apply', () => {
      expect(planned.summaries.filter(({ changes }) => changes.length > 0)).toEqual([]);
      expect(planned.plans.flatMap(({ changes }) => changes).length).toBeGreaterThan(300);
    });

    it('leaves no doubt about the state', () => {
      expect(planned.summaries.flatMap(({ against: one }) => one?.doubts)).toEqual([]);
    });
  });

  it('shows a changed description as one change in place', async () => {
    const base = fixture();
    const now = edited(base, {
      fixture: (resources) => {
        found(resources, 'aws_kms_key', 'description', 'first').description = 'second';
      },
    });
    const { summaries } = await against(now, base);
    expect(summaries[0]?.counts).toEqual({ ...nothing, change: 1 });
    expect(summaries[0]?.changes[0]).toMatchObject({ path: 'fixture/key', attributes: ['description'], doubtful: [] });
  });

  it('shows a changed secret name as a replacement of the secret and of what is in it', async () => {
    const base = fixture();
    const now = edited(base, {
      fixture: (resources) => {
        found(resources, 'aws_secretsmanager_secret', 'name', 'a').name = 'b';
      },
    });
    const { summaries } = await against(now, base);
    expect(summaries[0]?.counts).toEqual({ ...nothing, replace: 2 });
    expect(summaries[0]?.changes.map(({ path, because }) => [path, because])).toEqual([
      ['fixture/secret', ['name']],
      ['fixture/seed/version', ['secret_id']],
    ]);
  });

  it('shows a changed secret name on each store', async () => {
    const { outdir } = await synthesizeAll();
    const now = edited(outdir, {
      'dev-myapp-vault': (resources) => {
        found(resources, 'vault_kv_secret_v2', 'name', 'myapp/session-key').name = 'myapp/renamed';
      },
      'dev-myapp-azure-values': (resources) => {
        found(resources, 'azurerm_key_vault_secret', 'name', 'database-password').name = 'renamed';
      },
    });
    const { summaries } = await against(now, outdir, ['dev-myapp-vault', 'dev-myapp-azure-values']);
    expect(summaries.map(({ counts }) => counts)).toEqual([
      { ...nothing, replace: 1 },
      { ...nothing, replace: 1 },
    ]);
    expect(summaries.flatMap(({ changes }) => changes.map(({ because }) => because))).toEqual([['name'], ['name']]);
  });

  it('says that a stack is new, and plans it from nothing', async () => {
    const { outdir } = await synthesizeAll();
    const base = without(outdir, 'dev-platform-vault');
    const { summaries } = await against(edited(outdir, {}), base, ['dev-platform-vault']);
    expect(summaries[0]?.against?.is).toBe('new');
    expect(summaries[0]?.counts.add).toBeGreaterThan(0);
    expect(summaries[0]?.notes).toContain('dev-platform-vault is not in the base: planned from nothing');
  });

  it('says that a stack is gone, and destroys everything in it, guarded or not', async () => {
    const { outdir } = await synthesizeAll();
    const { summaries } = await against(without(outdir, 'prod-platform-vault'), outdir, ['prod-platform-vault']);
    const blocks = readSynthesized(outdir).find(({ id }) => id === 'prod-platform-vault')?.model.blocks ?? [];
    const resources = blocks.filter(({ mode }) => mode === 'resource').length;
    expect(resources).toBeGreaterThan(0);
    expect(summaries[0]?.problems).toEqual([]);
    expect(summaries[0]?.counts).toEqual({ ...nothing, destroy: resources });
    expect(summaries[0]?.notes.join('\n')).toContain('prod-platform-vault is only in the base: gone');
  });

  it('plans from nothing when the base has an error, and says why', async () => {
    const broken = fixtureStack();
    const base = outputOf({ ...broken, output: { broken: { value: '${local.gone}' } } });
    const { summaries } = await against(fixture(), base);
    expect(summaries[0]?.counts).toEqual({ ...nothing, add: 3 });
    expect(summaries[0]?.notes.join('\n')).toMatch(
      /the base can't be applied on stand-ins, planned from nothing: output/,
    );
  });

  it('refuses a base that is no output folder', async () => {
    await expect(against(fixture(), '/nowhere')).rejects.toThrow('/nowhere has no manifest.json');
  });

  it('puts the heading and what is changed into text and JSON', async () => {
    const base = fixture();
    const now = edited(base, {
      fixture: (resources) => {
        found(resources, 'aws_kms_key', 'description', 'first').description = 'second';
      },
    });
    const said = { out: '' };
    const here = {
      env,
      stdout: { write: (text: string) => (said.out += text) },
      stderr: { write: () => true },
    };
    expect(await plan([], { out: now, against: base, allowProvider: {}, standIn: true, json: true }, here)).toBe(0);
    expect(JSON.parse(said.out)).toMatchObject([
      {
        against: { is: 'both', doubts: [] },
        heading: 'against the base branch, not the deployed state',
        changes: [{ attributes: ['description'], doubtful: [], mayReplace: [] }],
      },
    ]);
    expect(readFileSync(join(now, 'plans', 'fixture.txt'), 'utf8')).toMatch(
      /^fixture, against the base branch, not the deployed state: 0 to add, 1 to change/,
    );
  });

  describe('a state that is wrong', () => {
    /** Writes other values into the state that was made. */
    class Wrong extends AgainstPlanner {
      override async stateOf(base: SynthesizedStack, present: SynthesizedStack) {
        const state = await super.stateOf(base, present);
        if (typeof state !== 'string') return state;
        return state
          .replace('"description": "first"', '"description": "wrong"')
          .replace(/"key_id": "[^"]*"/, '"key_id": "wrong"');
      }
    }

    async function planWrong(present: string, base = fixture()) {
      const engine = await findEngine(env);
      if (typeof engine === 'string') throw new Error(engine);
      const [was] = readSynthesized(base);
      const [is] = readSynthesized(present);
      if (was === undefined || is === undefined) throw new Error('the fixture has no stack');
      const providers = new Providers([was, is], { env, schemas, prefer: 'stand-in' });
      const planner = new Wrong(engine, providers, env);
      try {
        return summarizePlan(await planner.plan({ base: was, present: is }));
      } finally {
        await planner.stop();
        await providers.stop();
      }
    }

    it('is found out by the unchanged stack, with path and attribute', async () => {
      const summary = await planWrong(fixture());
      expect(summary.against?.doubts).toEqual([{ address: 'aws_kms_key.key', attributes: ['description'] }]);
      expect(summary.notes[0]).toContain('the unchanged base wanted to change fixture/key: description');
    });

    it('can make the check itself impossible, which is said', async () => {
      const precondition = { condition: '${aws_kms_key.key.key_id != "wrong"}', error_message: 'The id is wrong.' };
      const base = outputOf({ ...fixtureStack(), output: { id: { value: 'x', precondition } } });
      const summary = await planWrong(fixture(), base);
      expect(summary.planned).toBe(true);
      expect(summary.notes[0]).toMatch(/^warning: the made-up state is not checked, the base can't be planned: /);
    });

    it('is left aside where neither the base nor the present can be planned on it, which is said', async () => {
      const precondition = { condition: '${aws_kms_key.key.key_id != "wrong"}', error_message: 'The id is wrong.' };
      const both = outputOf({ ...fixtureStack(), output: { id: { value: 'x', precondition } } });
      const now = edited(both, {
        fixture: (resources) => {
          found(resources, 'aws_secretsmanager_secret', 'name', 'a').name = 'b';
        },
      });
      const summary = await planWrong(now, both);
      expect(summary.counts).toEqual({ ...nothing, add: 3 });
      expect(summary.problems).toEqual([]);
      expect(summary.notes[0]).toMatch(/^warning: the made-up state is of no use, planned from nothing: /);
    });

    it('makes the same change of a changed stack doubtful, and no other', async () => {
      const now = edited(fixture(), {
        fixture: (resources) => {
          Object.assign(resources['aws_kms_key']?.['key'] ?? {}, { description: 'second', deletion_window_in_days: 7 });
        },
      });
      const summary = await planWrong(now);
      expect(summary.changes[0]).toMatchObject({
        attributes: ['deletion_window_in_days', 'description'],
        doubtful: ['description'],
      });
      expect(summaryText(summary)).toContain('doubtful: description');
    });
  });

  it("makes ids of Azure of each provider block's subscription, of names and of the ids above", async () => {
    const engine = await findEngine(env);
    if (typeof engine === 'string') throw new Error(engine);
    const { outdir } = await synthesizeAll();
    const stacks = readSynthesized(outdir).filter(({ id }) => /^(dev|prod)-myapp-azure$/.test(id));
    const providers = new Providers(stacks, { env, schemas, prefer: 'stand-in' });
    const planner = new AgainstPlanner(engine, providers, env);
    try {
      const states = await Promise.all(stacks.map((stack) => planner.stateOf(stack)));
      const [dev, prod] = states.map((state) => attributesIn(String(state)));
      const vaultOf = (all: readonly StateAttributes[] = []) =>
        all.find(({ id }) => /\/vaults\/[^/]+$/.test(String(id)))?.id;
      expect(vaultOf(dev)).toBe(
        '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/dev-myapp-rg/providers/Microsoft.KeyVault/vaults/dev-myapp-vault-d7k2',
      );
      expect(vaultOf(prod)).toMatch(/^\/subscriptions\/33333333-3333-4333-8333-333333333333\//);
      const assignments = dev?.filter(({ role_definition_id: role }) => role !== undefined) ?? [];
      expect(assignments.map(({ id }) => id)).toEqual(
        assignments.map(({ name }) => `${vaultOf(dev)}/providers/Microsoft.Authorization/roleAssignments/${name}`),
      );
      expect(new Set(assignments.map(({ id }) => id)).size).toBe(2);
    } finally {
      await planner.stop();
      await providers.stop();
    }
  });

  it('keeps no generated value in state, plan file, JSON, text or anything printed', async () => {
    const engine = await findEngine(env);
    if (typeof engine === 'string') throw new Error(engine);
    const { outdir } = await synthesizeAll();
    const stacks = readSynthesized(outdir).filter(({ id }) => /^dev-myapp-(aws|vault|azure-values)$/.test(id));
    const values: string[] = [];
    const onOpen = (_type: string, result: unknown) => values.push((result as { readonly result: string }).result);
    const providers = new Providers(stacks, { env, schemas, prefer: 'stand-in', onOpen });
    const planner = new AgainstPlanner(engine, providers, env);
    try {
      for (const stack of stacks) {
        const state = await planner.stateOf(stack);
        if (typeof state !== 'string') throw new Error(state.because);
        const folder = new PlanFolder(engine, stack, await providers.serve(stack));
        writeFileSync(join(folder.folder, 'terraform.tfstate'), state);
        await folder.prepare();
        // Written again, so that the values take part in what is planned.
        const { plan: made } = await folder.plan('-refresh=false', ...replaced(stack));
        const zipped = unzipSync(readFileSync(join(folder.folder, 'offline.tfplan')));
        const places = [
          { name: 'state', text: state },
          { name: 'JSON', text: made?.json ?? '' },
          { name: 'text', text: made?.text ?? '' },
          { name: 'printed', text: folder.printed.join('\n') },
          ...Object.entries(zipped).map(([name, bytes]) => ({ name, text: Buffer.from(bytes).toString('latin1') })),
        ];
        folder.dispose();
        expect(places.map(({ name }) => name)).toContain('tfplan');
        expect(made?.json).toContain('"actions":["delete","create"]');
        expect(findLeaks(places, values)).toEqual([]);
      }
      expect(new Set(values).size).toBeGreaterThanOrEqual(2 * stacks.length);
    } finally {
      await planner.stop();
      await providers.stop();
    }
  });
});

type StateAttributes = Readonly<Record<string, unknown>>;

function attributesIn(state: string): readonly StateAttributes[] {
  const { resources } = JSON.parse(state) as {
    readonly resources: readonly { readonly instances: readonly { readonly attributes: StateAttributes }[] }[];
  };
  return resources.flatMap(({ instances }) => instances.map(({ attributes }) => attributes));
}

/** Arguments that make a plan write every value again. */
function replaced({ model }: SynthesizedStack): readonly string[] {
  const written = /secret_version$|kv_secret_v2$|key_vault_secret$/;
  return model.blocks
    .filter(({ mode, type, body }) => mode === 'resource' && written.test(type) && /_wo"/.test(JSON.stringify(body)))
    .map(({ address }) => `-replace=${address}`);
}
