import { beforeAll, describe, expect, it } from 'vitest';
import { canRun } from '../support/required';
import { checkStack, schemaBlocks } from '../support/schemas/check-stack';
import { describeFinding, type Finding } from '../support/schemas/finding';
import { CHECKED_VERSIONS, findSchemas, readSchemas } from '../support/schemas/format';
import { readStacks, type StackFile } from '../support/stack-file';
import { synthesizeAll } from '../support/synthesize';
import { ACCEPTED, type Accepted } from './accepted';

const found = findSchemas();
const folder = typeof found === 'string' ? undefined : found.folder;
const runs = canRun('schemas', typeof found === 'string' ? found : undefined);

describe.runIf(runs)('the stacks of all environments, against the real providers,', () => {
  let stacks: readonly StackFile[];
  let findings: readonly Finding[];

  beforeAll(async () => {
    stacks = readStacks((await synthesizeAll()).outdir);
    const schemas = readSchemas(folder ?? '');
    findings = stacks.flatMap((stack) => checkStack(stack, schemas));
  });

  it('hold nothing that a provider refuses', () => {
    const open = findings.filter((finding) => !ACCEPTED.some((accepted) => covers(accepted, finding)));
    expect(open.map(describeFinding)).toEqual([]);
  });

  it('still show what was accepted', () => {
    const gone = ACCEPTED.filter((accepted) => !findings.some((finding) => covers(accepted, finding)));
    expect(gone).toEqual([]);
  });

  it('use every provider that is checked', () => {
    const used = new Set(stacks.flatMap((stack) => schemaBlocks(stack).map(({ provider }) => provider)));
    expect([...used]).toEqual(expect.arrayContaining(Object.keys(CHECKED_VERSIONS)));
  });
});

function covers({ kind, type, path }: Accepted, finding: Finding): boolean {
  const foundType = finding.address.replace(/^(data|ephemeral|provider)\./, '').split('.')[0];
  return finding.kind === kind && foundType === type && finding.path.replace(/\[[^\]]*\]/g, '') === path;
}
