import { beforeAll, describe, expect, it } from 'vitest';
import { type Planned, planAll } from '../../offline/planner';
import { defaultsOf } from '../../offline/stand-in/defaults';
import { synthesizeAll } from '../support/synthesize';
import { ENGINES, edited, environment, found, type Resources } from './against-fixture';
import { fixtureStack, outputOf } from './fixture';
import { AWS_VERSION, HAS_AWS, HAS_VAULT } from './plugins-at-hand';

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
  const every = name === 'OpenTofu' ? ['dev-myapp-aws'] : ['*-aws'];
  unchanged('every AWS stack', every, HAS_AWS);
  unchanged('every Vault stack', ['*-vault'], HAS_VAULT);
  changed('AWS', AWS, HAS_AWS);
  changed('Vault', VAULT, HAS_VAULT);

  function unchanged(what: string, only: readonly string[], canRun: boolean): void {
    describe.runIf(canRun)(`${what}, unchanged`, () => {
      let planned: Planned;
      beforeAll(async () => {
        const { outdir } = await synthesizeAll();
        planned = await against(edited(outdir, {}), outdir, only);
      }, 400_000);

      it('is planned by the plugin', () => {
        expect(planned.summaries.filter((one) => !one.planned)).toEqual([]);
        expect(planned.summaries.map(({ providers }) => providers.join())).toEqual(
          planned.summaries.map(() => expect.stringMatching(/(aws|vault): plugin .* detached/)),
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

  it.runIf(HAS_AWS)('names the attribute whose default is wrong', async () => {
    const defaults = defaultsOf('aws_kms_key') as Map<string, { readonly kind: 'planned'; readonly value: unknown }>;
    const right = defaults.get('is_enabled');
    if (right === undefined) throw new Error('there is no default to break');
    defaults.set('is_enabled', { kind: 'planned', value: false });
    try {
      const base = outputOf(fixtureStack());
      const { summaries } = await against(edited(base, {}), base, []);
      expect(summaries[0]?.counts).toEqual({ ...nothing, change: 1 });
      expect(summaries[0]?.against?.doubts).toEqual([{ address: 'aws_kms_key.key', attributes: ['is_enabled'] }]);
      expect(summaries[0]?.notes[0]).toContain('the unchanged base wanted to change fixture/key: is_enabled');
      expect(summaries[0]?.changes[0]?.doubtful).toEqual(['is_enabled']);
    } finally {
      defaults.set('is_enabled', right);
    }
  });
});
