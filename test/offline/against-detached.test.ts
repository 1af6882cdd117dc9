import { beforeAll, describe, expect, it } from 'vitest';
import { type Planned, planAll } from '../../offline/planner';
import { defaultsOf } from '../../offline/stand-in/defaults';
import { synthesizeAll } from '../support/synthesize';
import { ENGINES, edited, environment, found, type Resources, rewritten } from './against-fixture';
import { fixtureStack, outputOf, randomStack, type Section } from './fixture';
import { AWS_VERSION, HAS_AWS, HAS_AZURERM, HAS_RANDOM, HAS_VAULT } from './plugins-at-hand';

const schemas = process.env['STRONGROOM_SCHEMAS'];
const nothing = { add: 0, change: 0, replace: 0, destroy: 0 };

/** A description and a secret's name changed in stacks of one store. */
interface Edit {
  readonly stacks: Readonly<Record<string, (resources: Resources) => void>>;
  /** What is altered in place or replaced because of it, but for what depends on it. */
  readonly described: string;
  readonly named: string;
}

const AWS: Edit = {
  stacks: {
    'dev-myapp-aws': (resources) => {
      found(resources, 'aws_kms_key', 'description', 'Databases, logs and topics of myapp in dev').description =
        'other';
      found(resources, 'aws_secretsmanager_secret', 'name', 'dev/myapp/payment-provider').name = 'dev/myapp/renamed';
    },
  },
  described: 'dev-myapp-aws/data-key/key',
  named: 'dev-myapp-aws/payment-key/secret',
};

const AZURE: Edit = {
  stacks: {
    'dev-myapp-azure': (resources) => {
      const description = 'dev-myapp-id reads secrets of dev-myapp-vault-d7k2';
      found(resources, 'azurerm_role_assignment', 'description', description).description = 'other';
    },
    'dev-myapp-azure-values': (resources) => {
      found(resources, 'azurerm_key_vault_secret', 'name', 'database-password').name = 'renamed';
    },
    // A block in which the plugin writes more than what is changed.
    'dev-myapp-azure-web': (resources) => {
      const app = found(resources, 'azurerm_linux_web_app', 'name', 'dev-myapp-web-d7k2');
      app.site_config = { ...(app.site_config as Section), health_check_path: '/other' };
    },
  },
  described: 'dev-myapp-azure/identity/reads-myapp-vault',
  named: 'dev-myapp-azure-values/database-password/secret',
};

const VAULT: Edit = {
  stacks: {
    'dev-myapp-vault': (resources) => {
      found(resources, 'vault_kv_secret_v2', 'name', 'myapp/session-key').name = 'myapp/renamed';
    },
    'dev-platform-vault': (resources) => {
      found(resources, 'vault_mount', 'description', 'Secrets of dev').description = 'other';
    },
  },
  described: 'dev-platform-vault/secrets/mount',
  named: 'dev-myapp-vault/session-key/value',
};

describe.each(ENGINES)('against a base on detached plugins, with %s', { timeout: 400_000 }, (name, binary) => {
  const env = environment(binary);
  const against = (outdir: string, base: string, only: readonly string[], prefer: 'any' | 'stand-in' = 'any') =>
    planAll({ env, outdir, against: base, only, schemas, prefer, allowed: { aws: AWS_VERSION } });

  // One engine is enough for the slowest: what a state holds does not depend on it.
  const environments = name === 'OpenTofu' ? 'dev-*' : '*';
  unchanged('every AWS stack', 'aws', `${environments}-aws`, HAS_AWS);
  unchanged('every Azure stack', 'azurerm', `${environments}-azure*`, HAS_AZURERM);
  unchanged('every Vault stack', 'vault', '*-vault', HAS_VAULT);
  changed('AWS', AWS, HAS_AWS);
  changed('Azure', AZURE, HAS_AZURERM);
  changed('Vault', VAULT, HAS_VAULT);

  function unchanged(what: string, provider: string, only: string, canRun: boolean): void {
    describe.runIf(canRun)(`${what}, unchanged`, () => {
      let planned: Planned;
      beforeAll(async () => {
        const { outdir } = await synthesizeAll();
        planned = await against(edited(outdir, {}), outdir, [only]);
      }, 400_000);

      it('is planned by the plugin', () => {
        expect(planned.summaries.length).toBeGreaterThan(0);
        expect(planned.summaries.filter((one) => !one.planned)).toEqual([]);
        const plugin = expect.stringMatching(`^${provider}: plugin .* detached$`);
        expect(planned.summaries.map(({ providers }) => providers)).toEqual(
          planned.summaries.map(() => expect.arrayContaining([plugin])),
        );
      });

      it('has nothing to change, so that no attribute of the state is wrong', () => {
        expect(planned.summaries.flatMap(({ against: one }) => one?.doubts)).toEqual([]);
        expect(planned.summaries.flatMap(({ changes }) => changes)).toEqual([]);
      });
    });
  }

  function changed(what: string, { stacks, described, named }: Edit, canRun: boolean): void {
    describe.runIf(canRun)(`a changed description and a changed secret name on ${what}`, () => {
      let detached: Planned;
      let standIn: Planned;
      beforeAll(async () => {
        const { outdir } = await synthesizeAll();
        const now = edited(outdir, stacks);
        detached = await against(now, outdir, Object.keys(stacks));
        standIn = await against(now, outdir, Object.keys(stacks), 'stand-in');
      }, 400_000);

      it('are one change in place and one replacement', () => {
        const changes = detached.summaries.flatMap((summary) => summary.changes);
        expect(changes.find(({ path }) => path === described)).toMatchObject({
          action: 'change',
          attributes: ['description'],
        });
        expect(changes.find(({ path }) => path === named)).toMatchObject({ action: 'replace', because: ['name'] });
        expect(changes.filter(({ doubtful }) => doubtful.length > 0)).toEqual([]);
      });

      it('reach the same resources as on the stand-in', () => {
        const told = ({ summaries }: Planned) =>
          summaries.flatMap(({ changes }) =>
            changes.map(({ action, path, because, attributes }) => ({
              action,
              path,
              because,
              attributes: action === 'change' ? attributes : [],
            })),
          );
        expect(told(detached)).toEqual(told(standIn));
      });
    });
  }

  describe.runIf(HAS_RANDOM)('random', () => {
    it('leaves a stack with each of its resources unchanged', async () => {
      const base = outputOf(randomStack());
      const { summaries } = await against(edited(base, {}), base, []);
      expect(summaries[0]?.providers[0]).toMatch(/^random: plugin .* detached$/);
      expect(summaries[0]?.against?.doubts).toEqual([]);
      expect(summaries[0]?.counts).toEqual(nothing);
    });

    it('replaces what is longer now, and changes in place what only keeps nothing more', async () => {
      const base = outputOf(randomStack());
      const now = edited(base, {
        fixture: (resources) => {
          Object.assign(resources['random_pet']?.['one'] ?? {}, { length: 3 });
          Object.assign(resources['random_uuid']?.['one'] ?? {}, { keepers: { nothing: null } });
        },
      });
      const { summaries } = await against(now, base, []);
      expect(summaries[0]?.counts).toEqual({ ...nothing, change: 1, replace: 1 });
      expect(summaries[0]?.changes).toMatchObject([
        { action: 'replace', path: 'fixture/random_pet', because: ['length'], doubtful: [] },
        { action: 'change', path: 'fixture/random_uuid', attributes: ['keepers'], doubtful: [] },
      ]);
    });

    it('shows nothing of a longer ephemeral password but that its next version is written', async () => {
      const { outdir } = await synthesizeAll();
      const stack = 'dev-myapp-azure-values';
      const now = rewritten(outdir, stack, (json) =>
        json.replace('"length": 32', '"length": 40').replace('"value_wo_version": 1', '"value_wo_version": 2'),
      );
      const { summaries } = await against(now, outdir, [stack]);
      expect(summaries[0]?.counts).toEqual({ ...nothing, change: 1 });
      expect(summaries[0]?.changes[0]?.attributes).toEqual(['value_wo_version']);
    });
  });

  it.runIf(HAS_AZURERM)('names the attribute whose default is wrong in Azure', async () => {
    const { outdir } = await synthesizeAll();
    const planned = () => against(edited(outdir, {}), outdir, ['dev-myapp-azure']);
    const { summaries } = await withDefault(
      'azurerm_virtual_network',
      'private_endpoint_vnet_policies',
      'Basic',
      planned,
    );
    expect(summaries[0]?.counts).toEqual({ ...nothing, change: 1 });
    expect(summaries[0]?.against?.doubts.map(({ attributes }) => attributes)).toEqual([
      ['private_endpoint_vnet_policies'],
    ]);
  });

  it.runIf(HAS_AWS)('names the attribute whose default is wrong', async () => {
    const base = outputOf(fixtureStack());
    const planned = () => against(edited(base, {}), base, []);
    const { summaries } = await withDefault('aws_kms_key', 'is_enabled', false, planned);
    expect(summaries[0]?.counts).toEqual({ ...nothing, change: 1 });
    expect(summaries[0]?.against?.doubts).toEqual([{ address: 'aws_kms_key.key', attributes: ['is_enabled'] }]);
    expect(summaries[0]?.notes[0]).toContain('the unchanged base wanted to change fixture/key: is_enabled');
    expect(summaries[0]?.changes[0]?.doubtful).toEqual(['is_enabled']);
  });
});

/** Runs something while the stand-in has another default. */
async function withDefault<T>(type: string, path: string, value: unknown, what: () => Promise<T>): Promise<T> {
  const defaults = defaultsOf(type) as Map<string, { readonly kind: 'planned'; readonly value: unknown }>;
  const right = defaults.get(path);
  if (right === undefined) throw new Error('there is no default to break');
  defaults.set(path, { kind: 'planned', value });
  try {
    return await what();
  } finally {
    defaults.set(path, right);
  }
}
