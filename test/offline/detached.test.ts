import { beforeAll, describe, expect, it } from 'vitest';
import { type Planned, planAll } from '../../offline/planner';
import { temporaryFolder } from '../support/once';
import { synthesizeAll } from '../support/synthesize';
import { HAS_SCHEMAS } from './against-fixture';
import { DIFFERENCES, SAME_DOCUMENT } from './detached-differences';
import { differences, differentMarks, sensitivePaths } from './detached-values';
import { fixtureStack, outputOf } from './fixture';
import { HAS_ENGINE } from './needs-engine';
import { AWS_VERSION, HAS_AWS } from './plugins-at-hand';

const schemas = process.env['STRONGROOM_SCHEMAS'];

it.runIf(HAS_AWS)('leaves a plugin aside that a stack excludes, and says how to take it', async () => {
  const { summaries } = await planAll({ env: process.env, outdir: outputOf(fixtureStack()) });
  expect(summaries[0]?.providers[0]).toContain('stand-in');
  expect(summaries[0]?.notes.join('\n')).toContain(`--allow-provider aws=${AWS_VERSION}`);
});

it.runIf(HAS_ENGINE)('says that a plugin which was named is not at hand, nor any other of the provider', async () => {
  const { PATH, TERRAFORM_BINARY_NAME } = process.env;
  const env = { PATH, TERRAFORM_BINARY_NAME, HOME: temporaryFolder('home') };
  const { summaries } = await planAll({ env, outdir: outputOf(fixtureStack()), allowed: { aws: '5.100.0' } });
  expect(summaries[0]?.notes).toContain('aws 5.100.0 is not at hand, nor is another version');
});

describe.runIf(HAS_AWS)('every AWS stack on the detached plugin and on the stand-in', { timeout: 300_000 }, () => {
  let detached: Planned;
  let standIn: Planned;
  beforeAll(async () => {
    const { outdir } = await synthesizeAll();
    const only = ['*-aws'];
    standIn = await planAll({ env: process.env, outdir, only, schemas, prefer: 'stand-in' });
    detached = await planAll({ env: process.env, outdir, only, schemas, allowed: { aws: AWS_VERSION } });
  }, 300_000);

  it('plans', () => {
    expect(detached.summaries.map(({ problems }) => problems)).toEqual([[], [], []]);
    expect(detached.summaries[0]?.providers[0]).toContain('detached');
  });

  it('has equal actions and addresses', () => {
    const actions = ({ summaries }: Planned) =>
      summaries.flatMap(({ stack, changes }) => changes.map(({ action, address }) => `${stack} ${action} ${address}`));
    expect(actions(standIn)).not.toEqual([]);
    expect(actions(detached)).toEqual(actions(standIn));
  });

  it('marks the same attributes as sensitive', () => {
    const marked = detached.plans.flatMap(({ changes }) => changes.flatMap((one) => [...sensitivePaths(one)]));
    expect(marked).toContain('aws_secretsmanager_secret_version.secret_string_wo');
    expect(differentMarks(detached, standIn)).toEqual([]);
  });

  // Without schemas of real providers a stand-in knows less, and the table is longer.
  describe.runIf(HAS_SCHEMAS && AWS_VERSION === '5.100.0')('has equal values', () => {
    it('but for those in the table, all of which differ', () => {
      const paths = new Set(differences(detached, standIn).map(({ path }) => path));
      expect([...paths].sort()).toEqual(Object.keys(DIFFERENCES.aws).sort());
    });

    it('where only the form of a document differs', () => {
      const documents = differences(detached, standIn).filter(({ path }) => SAME_DOCUMENT.includes(path));
      expect(documents.length).toBeGreaterThan(SAME_DOCUMENT.length);
      const parsed = (side: 'plugin' | 'standIn') => documents.map((one) => JSON.parse(String(one[side])) as unknown);
      expect(parsed('plugin')).toEqual(parsed('standIn'));
    });
  });
});
