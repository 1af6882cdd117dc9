import { asObject, asTexts, type Json, type StackModel } from './model';
import { type Access, access } from './readers';
import { declaredSecrets } from './secrets';

/** One line of the table that a synthesis ends with. */
export interface StackSummary {
  readonly environment: string;
  readonly stack: string;
  readonly resources: number;
  /** The names of the secrets that the stack declares. */
  readonly secrets: readonly string[];
  /** Who can read these secrets, or is let in by this stack; names once. */
  readonly readers: readonly string[];
  /** Grants of this stack that could not be read, as `identity: reason`. */
  readonly unknown: readonly string[];
  /** What a person does after this stack was applied. */
  readonly nextSteps: readonly string[];
}

/** Outputs with such a name say what to do next. */
const NEXT_STEPS = /(?:^|_)next_steps/;

/** What each stack holds, and who can read it. */
export function summarize(stacks: readonly StackModel[], who: Access = access(stacks)): readonly StackSummary[] {
  const secrets = declaredSecrets(stacks);
  return stacks.map((stack) => ({
    environment: stack.environment ?? '-',
    stack: stack.id,
    resources: stack.blocks.filter(({ mode }) => mode === 'resource').length,
    secrets: unique(secrets.filter((secret) => secret.stack === stack).map(({ name }) => name)),
    readers: unique(
      who.readers
        .filter((reader) => reader.secret?.stack === stack || reader.stack === stack.id)
        .map(({ identity }) => identity),
    ),
    unknown: unique(
      who.unknown.filter((one) => one.stack === stack.id).map((one) => `${one.identity}: ${one.unknown}`),
    ),
    nextSteps: nextSteps(stack),
  }));
}

function nextSteps(stack: StackModel): readonly string[] {
  return Object.entries(stack.outputs)
    .filter(([name]) => NEXT_STEPS.test(name))
    .sort(([a], [b]) => numberOf(a) - numberOf(b))
    .map(([, output]) => asObject(output))
    .map(({ description, value }) => {
      const lines = textsWithin(value).flatMap((text) => text.trimEnd().split('\n'));
      return typeof description === 'string' ? [description, ...lines.map((line) => `  ${line}`)] : lines;
    })
    .map((lines) => lines.join('\n'));
}

/** A file has its outputs in the order of their names, in which 10 comes before 2. */
function numberOf(name: string): number {
  return Number(/\d+$/.exec(name)?.[0] ?? 0);
}

function textsWithin(value: Json | undefined): readonly string[] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.values(value).flatMap(textsWithin);
  return asTexts(value);
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
