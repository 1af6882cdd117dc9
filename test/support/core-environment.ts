import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, Testing } from 'cdktf';
import { afterAll } from 'vitest';
import { type StackClass, SynthesisRefused, synthesize } from '../../constructs/core/app';
import type { CoreEnvironment } from '../../constructs/core/environment';
import { InvalidProps } from '../../constructs/core/errors';
import { StrongroomStack } from '../../constructs/core/strongroom-stack';

/** A production environment that knows no store. */
export const PROD: CoreEnvironment = {
  name: 'prod',
  tier: 'production',
  state: {
    kind: 's3',
    bucket: 'example-prod-state',
    region: 'eu-central-1',
    kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555',
  },
};

/** An environment on a laptop. */
export const SANDBOX: CoreEnvironment = { name: 'box', tier: 'sandbox', state: { kind: 'local' } };

/** The smallest stack: an app of one store, without a provider. */
export class BareStack extends StrongroomStack {
  constructor(app: App, environment: CoreEnvironment, part?: string) {
    super(app, environment, { app: 'myapp', store: 'vault', ...(part === undefined ? {} : { part }) });
  }
}

/** A stack to put constructs of a test into. */
export function bareStack(environment: CoreEnvironment = PROD): BareStack {
  return new BareStack(Testing.app(), environment);
}

/** A stack's class made of what a test declares in it. */
export function stackOf(declare: (stack: BareStack, app: App) => void, part?: string): StackClass<CoreEnvironment> {
  return class extends BareStack {
    constructor(app: App, environment: CoreEnvironment) {
      super(app, environment, part);
      declare(this, app);
    }
  };
}

/** An empty folder that goes when the test file is done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Terraform's JSON, as far as tests look into it. */
export type TerraformJson = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The text of a synthesized stack. */
export function stackText(outdir: string, id: string): string {
  return readFileSync(join(outdir, 'stacks', id, 'cdk.tf.json'), 'utf8');
}

/** Synthesizes stacks of one environment and returns each one's JSON by its id. */
export async function synthesized(
  stacks: readonly StackClass<CoreEnvironment>[],
  environment: CoreEnvironment = PROD,
): Promise<Readonly<Record<string, TerraformJson>>> {
  const outdir = join(mkdtempSync(join(tmpdir(), 'strongroom-test-')), 'out');
  try {
    const done = await synthesize({ environments: [environment], stacks }, outdir);
    return Object.fromEntries(done.stacks.map((id) => [id, JSON.parse(stackText(outdir, id)) as TerraformJson]));
  } finally {
    rmSync(join(outdir, '..'), { recursive: true, force: true });
  }
}

/** The lines with which synthesis refuses. */
export async function refusals(work: Promise<unknown>): Promise<readonly string[]> {
  const error = await work.then(
    () => new Error('nothing was refused'),
    (reason: unknown) => reason,
  );
  if (error instanceof SynthesisRefused) return error.messages;
  throw error;
}

/** The lines with which a constructor refuses. */
export function refusedLines(action: () => unknown): readonly string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof InvalidProps) return error.lines;
    throw error;
  }
  throw new Error('nothing was refused');
}
