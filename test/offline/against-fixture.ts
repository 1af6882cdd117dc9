import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, onPath } from '../../offline/engine';
import { temporaryFolder } from '../support/once';
import { canRun } from '../support/required';
import type { Section } from './fixture';
import { HAS_ENGINE } from './needs-engine';

/** The resources of one stack, by type and name. */
export type Resources = Record<string, Record<string, Section>>;

/** A copy of an output folder with some stacks changed. */
export function edited(outdir: string, changes: Readonly<Record<string, (resources: Resources) => void>>): string {
  const copy = join(temporaryFolder('edited'), 'cdktf.out');
  cpSync(outdir, copy, { recursive: true });
  rmSync(join(copy, 'plans'), { recursive: true, force: true });
  for (const [stack, change] of Object.entries(changes)) {
    rewrite(copy, stack, (text) => {
      const json = JSON.parse(text) as { readonly resource: Resources };
      change(json.resource);
      return JSON.stringify(json, undefined, 2);
    });
  }
  return copy;
}

/** A copy of an output folder with the text of one stack changed. */
export function rewritten(outdir: string, stack: string, change: (text: string) => string): string {
  const copy = edited(outdir, {});
  rewrite(copy, stack, change);
  return copy;
}

function rewrite(outdir: string, stack: string, change: (text: string) => string): void {
  const file = join(outdir, 'stacks', stack, 'cdk.tf.json');
  const text = readFileSync(file, 'utf8');
  const changed = change(text);
  if (changed === text) throw new Error(`nothing was changed in ${stack}`);
  writeFileSync(file, changed);
}

/** A copy of an output folder without one stack. */
export function without(outdir: string, stack: string): string {
  const copy = edited(outdir, {});
  const file = join(copy, 'manifest.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { readonly stacks: Record<string, unknown> };
  delete manifest.stacks[stack];
  writeFileSync(file, JSON.stringify(manifest));
  return copy;
}

/** The one resource of a type whose body has this. */
export function found(resources: Resources, type: string, name: string, value: unknown): Section {
  const all = Object.values(resources[type] ?? {}).filter((body) => body[name] === value);
  if (all.length !== 1 || all[0] === undefined) throw new Error(`${all.length} ${type} have ${name} ${String(value)}`);
  return all[0];
}

/** Environment of a run. */
export function environment(engine?: string): Environment {
  return {
    ...process.env,
    ...(engine === undefined ? {} : { TERRAFORM_BINARY_NAME: engine }),
  };
}

const tofu = process.env['STRONGROOM_TOFU'] || onPath('tofu', process.env);
const hasTofu = canRun('tofu', tofu === undefined ? 'no tofu on PATH or named by STRONGROOM_TOFU' : undefined);

/** The engine at hand, and OpenTofu besides where it is found. */
export const ENGINES: readonly (readonly [name: string, binary: string | undefined])[] = [
  ...(HAS_ENGINE ? [['the engine at hand', undefined] as const] : []),
  ...(hasTofu && process.env['TERRAFORM_BINARY_NAME'] !== tofu ? [['OpenTofu', tofu] as const] : []),
];

/** Whether there are schemas of real providers. */
export const HAS_SCHEMAS = canRun(
  'schemas',
  process.env['STRONGROOM_SCHEMAS'] ? undefined : 'STRONGROOM_SCHEMAS names no folder with schemas of providers',
);
