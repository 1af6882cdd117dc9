import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Lazy, TerraformOutput } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { SynthesisRefused, synthesize } from '../../../constructs/core/app';
import { environmentsProblems } from '../../../constructs/core/environment';
import { PROD, refusals, stackOf, temporaryFolder } from '../../support/core-environment';

const outdir = join(temporaryFolder(), 'out');
const LOCAL = { ...PROD, state: { kind: 'local' } } as const;

const broken = (part: string, message: string) =>
  stackOf(() => {
    throw new Error(message);
  }, part);
const invalid = (part: string, message: string) =>
  stackOf((stack) => stack.node.addValidation({ validate: () => [message] }), part);
const unresolvable = (part: string, message: string) =>
  stackOf((stack) => {
    const value = Lazy.stringValue({
      produce: () => {
        throw new Error(message);
      },
    });
    new TerraformOutput(stack, 'a', { value });
    new TerraformOutput(stack, 'b', { value: 'fine' });
  }, part);

describe('synthesize', () => {
  it('checks what every environment has, although the app has no check of its own', async () => {
    expect(await refusals(synthesize({ environments: [LOCAL], stacks: [] }, outdir))).toEqual([
      expect.stringMatching(/^environments: prod\.state .*\[SR-STATE-LOCAL]$/),
    ]);
  });

  it("tells a problem once that the app's own check found too", async () => {
    const check = () => ({ problems: environmentsProblems([LOCAL]), warnings: [] });
    expect(await refusals(synthesize({ environments: [LOCAL], stacks: [], check }, outdir))).toHaveLength(1);
  });

  it('makes no stack when an environment is refused', async () => {
    let made = 0;
    const counted = stackOf(() => {
      made += 1;
    });
    await refusals(synthesize({ environments: [LOCAL], stacks: [counted] }, outdir));
    expect(made).toBe(0);
  });

  it('tells what validations of whole stacks found beside the errors of broken ones', async () => {
    const stacks = [broken('one', 'first'), invalid('two', 'second'), invalid('three', 'third')];
    expect(await refusals(synthesize({ environments: [PROD], stacks }, outdir))).toEqual([
      'prod: first',
      'second',
      'third',
    ]);
  });

  it('tells the errors of all elements that can not be written, by path and without the insides of CDKTF', async () => {
    const stacks = [unresolvable('one', 'first'), unresolvable('two', 'second')];
    expect(await refusals(synthesize({ environments: [PROD], stacks }, outdir))).toEqual([
      'prod-myapp-vault-one/a: first',
      'prod-myapp-vault-two/a: second',
    ]);
  });

  it('tells no stack trace of a token that was made before synthesis began', async () => {
    const early = Lazy.stringValue({
      produce: () =>
        (() => {
          throw new Error('late');
        })(),
    });
    const stacks = [stackOf((stack) => new TerraformOutput(stack, 'a', { value: early }))];
    expect(await refusals(synthesize({ environments: [PROD], stacks }, outdir))).toEqual(['prod-myapp-vault/a: late']);
  });

  it('keeps the errors themselves for whoever debugs the app', async () => {
    const failed = synthesize({ environments: [PROD], stacks: [broken('one', 'first')] }, outdir);
    const error: unknown = await failed.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SynthesisRefused);
    expect((error as SynthesisRefused).causes).toEqual([new Error('first')]);
  });

  it('publishes nothing when anything was refused', () => {
    expect(existsSync(outdir)).toBe(false);
  });

  it('gives the stacks in the order of environments and declarations, and what was warned of', async () => {
    const stacks = [stackOf(() => {}, 'z'), stackOf(() => {}, 'a')];
    const environments = [{ ...PROD, name: 'dev' }, PROD];
    const check = () => ({ problems: [], warnings: ['look twice'] });
    expect(await synthesize({ environments, stacks, check }, join(temporaryFolder(), 'out'))).toMatchObject({
      stacks: ['dev-myapp-vault-z', 'dev-myapp-vault-a', 'prod-myapp-vault-z', 'prod-myapp-vault-a'],
      warnings: ['look twice'],
    });
  });
});
