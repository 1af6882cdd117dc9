import { Fn, TerraformElement, TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { synthesize } from '../../../constructs/core/app';
import { EphemeralResource } from '../../../constructs/core/ephemeral';
import {
  type BareStack,
  bareStack,
  PROD,
  refusals,
  refusedLines,
  stackOf,
  synthesized,
  temporaryFolder,
} from '../../support/core-environment';

/** Anything with one argument, as it stands in for a write-only argument of a store. */
class Sink extends TerraformElement {
  constructor(
    scope: Construct,
    id: string,
    private readonly args: Readonly<Record<string, unknown>>,
  ) {
    super(scope, id, 'sink');
  }

  override toTerraform(): object {
    return { resource: { sink: { [this.friendlyUniqueId]: { ...this.args, '//': this.constructNodeMetadata } } } };
  }
}

class TimeProvider extends TerraformProvider {}

const withRandom = (declare: (stack: BareStack) => void, part?: string) =>
  stackOf((stack) => {
    stack.ensureRandomProvider();
    declare(stack);
  }, part);

describe('EphemeralResource', () => {
  it('renders a block with its arguments as Terraform names them', async () => {
    const stacks = await synthesized([
      withRandom((stack) => new EphemeralResource(stack, 'pw', 'random_password', { length: 32, min_lower: 1 })),
    ]);
    expect(stacks['prod-myapp-vault']?.['ephemeral']?.['random_password']).toEqual({
      pw: { length: 32, min_lower: 1, '//': { metadata: { path: 'prod-myapp-vault/pw', uniqueId: 'pw' } } },
    });
  });

  it('reaches an argument as a reference, alone', async () => {
    const stacks = await synthesized([
      withRandom((stack) => {
        const password = new EphemeralResource(stack, 'pw', 'random_password', {});
        new Sink(stack, 'sink', { value_wo: password.attribute('result') });
      }),
    ]);
    expect(stacks['prod-myapp-vault']?.['resource']).toMatchObject({
      sink: { sink: { value_wo: '${ephemeral.random_password.pw.result}' } },
    });
  });

  it('reaches an argument as a reference inside jsonencode, never as quoted text', async () => {
    const stacks = await synthesized([
      withRandom((stack) => {
        const password = new EphemeralResource(stack, 'pw', 'random_password', {});
        new Sink(stack, 'sink', { value_wo: Fn.jsonencode({ user: 'app', password: password.attribute('result') }) });
      }),
    ]);
    expect(JSON.stringify(stacks)).not.toContain('$${');
    expect(stacks['prod-myapp-vault']?.['resource']).toMatchObject({
      sink: {
        sink: {
          value_wo: '${jsonencode({"user" = "app", "password" = ephemeral.random_password.pw.result})}',
        },
      },
    });
  });

  it('keeps the address of a block that is nested in constructs', async () => {
    const stacks = await synthesized([
      withRandom((stack) => {
        const parent = new Sink(stack, 'parent', {});
        const password = new EphemeralResource(parent, 'pw', 'random_password', {});
        new Sink(stack, 'sink', { value_wo: password.attribute('result') });
      }),
    ]);
    const address = Object.keys(stacks['prod-myapp-vault']?.['ephemeral']?.['random_password'] ?? {})[0];
    expect(address).toMatch(/^parent_pw_[0-9A-F]{8}$/);
    expect(stacks['prod-myapp-vault']?.['resource']).toMatchObject({
      sink: { sink: { value_wo: `\${ephemeral.random_password.${address}.result}` } },
    });
  });

  it('takes overrides, as every element does', async () => {
    const stacks = await synthesized([
      withRandom((stack) => new EphemeralResource(stack, 'pw', 'random_password', {}).addOverride('length', 64)),
    ]);
    expect(stacks['prod-myapp-vault']?.['ephemeral']).toMatchObject({ random_password: { pw: { length: 64 } } });
  });

  it('refuses use from another stack, naming the user, the source and what to do, and publishes nothing', async () => {
    let password: EphemeralResource | undefined;
    const first = withRandom((stack) => {
      password = new EphemeralResource(stack, 'pw', 'random_password', {});
    }, 'one');
    const second = stackOf((stack) => new Sink(stack, 'sink', { value_wo: password?.attribute('result') }), 'two');
    expect(await refusals(synthesized([first, second]))).toEqual([
      'prod-myapp-vault-two/sink: value comes from prod-myapp-vault-one/pw in another stack, allowed is an ephemeral value of this stack; make the value in prod-myapp-vault-two, or put both into one stack [SR-EPHEMERAL-STACK]',
    ]);
  });

  it('refuses use from another stack inside jsonencode too', async () => {
    let password: EphemeralResource | undefined;
    const first = withRandom((stack) => {
      password = new EphemeralResource(stack, 'pw', 'random_password', {});
    }, 'one');
    const second = stackOf(
      (stack) => new Sink(stack, 'sink', { value_wo: Fn.jsonencode({ password: password?.attribute('result') }) }),
      'two',
    );
    expect(await refusals(synthesized([first, second]))).toEqual([
      expect.stringMatching(/^prod-myapp-vault-two\/sink: value comes from .*\[SR-EPHEMERAL-STACK]$/),
    ]);
  });

  it('refuses a stack without the provider of its type', async () => {
    const stack = stackOf((stack) => new EphemeralResource(stack, 'pw', 'random_password', {}));
    expect(await refusals(synthesized([stack]))).toEqual([
      'prod-myapp-vault/pw: type is random_password, but the stack has no provider random; add one to prod-myapp-vault [SR-EPHEMERAL-PROVIDER]',
    ]);
  });

  it('is content with any provider, as long as it is the one of its type', async () => {
    const stack = stackOf((stack) => {
      new TimeProvider(stack, 'sleep', { terraformResourceType: 'time', terraformProviderSource: 'example/time' });
      new EphemeralResource(stack, 'nap', 'time_nap', {});
    });
    await expect(synthesized([stack])).resolves.toBeDefined();
  });

  it('refuses HCL output, which would lose the block', () => {
    const stack = bareStack();
    const password = new EphemeralResource(stack, 'pw', 'random_password', {});
    expect(refusedLines(() => password.toHclTerraform())).toEqual([
      'prod-myapp-vault/pw: output is HCL, which has no form for ephemeral blocks in CDKTF; synthesize JSON, the default [SR-EPHEMERAL-HCL]',
    ]);
  });

  it('refuses an app that was told to write HCL', async () => {
    const before = process.env.SYNTH_HCL_OUTPUT;
    process.env.SYNTH_HCL_OUTPUT = 'true';
    try {
      const outdir = `${temporaryFolder()}/out`;
      const lines = await refusals(synthesize({ environments: [PROD], stacks: [stackOf(() => {})] }, outdir));
      expect(lines).toEqual([expect.stringMatching(/^app: output is HCL.*\[SR-EPHEMERAL-HCL]$/)]);
    } finally {
      if (before === undefined) delete process.env.SYNTH_HCL_OUTPUT;
      else process.env.SYNTH_HCL_OUTPUT = before;
    }
  });
});
