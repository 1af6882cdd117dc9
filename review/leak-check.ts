import { asObject, type Block, type Json, parsedJson, type StackModel } from './model';
import {
  describesOnly,
  isLiteral,
  isLiteralValue,
  isSecretName,
  isValueArgument,
  knownForm,
  STORING_TYPES,
  sensitiveReference,
} from './sensitive';

/** A value, or a way for one, that must not be in a synthesized file. */
export interface Leak {
  /** Stable code, listed in docs/errors.md. */
  readonly code: string;
  readonly stack: string;
  /** The block's address and the argument, such as `aws_db_instance.db.password`. */
  readonly place: string;
  /** The construct's path. */
  readonly path: string;
  /** What is wrong; never the value. */
  readonly message: string;
}

/** One place in a file: what it is an argument of, and the way there. */
interface Place {
  readonly owner: 'resource' | 'data' | 'ephemeral' | 'provider' | 'output' | 'locals' | 'variable' | 'terraform';
  readonly type: string;
  readonly at: string;
  readonly path: string;
  readonly way: readonly string[];
  /** Variables that Terraform keeps neither in plan nor in state. */
  readonly ephemeralVariables: readonly string[];
  /** Whether the block writes metadata where others of its type write values. */
  readonly describesOnly: boolean;
}

type Found = Pick<Leak, 'code' | 'message'>;
type Check = (place: Place, text: string) => Found | undefined;

/** Checks that are made for every text of a file; the first finding of a text is the one that is told. */
const CHECKS: readonly Check[] = [
  quotedReference,
  knownSecret,
  valueArgument,
  copiedValue,
  ephemeralElsewhere,
  literalInExpression,
  namedLiteral,
];

/** Finds every literal or stored value, and every reference that would become one, in synthesized stacks. */
export function findLeaks(stacks: readonly StackModel[]): readonly Leak[] {
  return stacks.flatMap((stack) => [
    ...stack.blocks.flatMap((block) => storingType(stack, block)),
    ...textLeaks(stack),
  ]);
}

/** A leak as one line. */
export function leakLine({ stack, place, path, message, code }: Leak): string {
  return `${stack}: ${place}${path === place ? '' : ` (${path})`} ${message} [${code}]`;
}

function storingType(stack: StackModel, block: Block): readonly Leak[] {
  const type = block.mode === 'data' ? `data.${block.type}` : block.type;
  const instead = block.mode === 'ephemeral' ? undefined : STORING_TYPES[type];
  if (instead === undefined) return [];
  const message = `keeps a value in state; use ${instead}`;
  return [{ code: 'SR-LEAK-STORED', stack: stack.id, place: block.address, path: block.path, message }];
}

function textLeaks(stack: StackModel): readonly Leak[] {
  const ephemeralVariables = Object.entries(stack.variables)
    .filter(([, variable]) => asObject(variable)['ephemeral'] === true)
    .map(([name]) => name);
  const blocks = stack.blocks.flatMap((block) =>
    visit(block.body, {
      describesOnly: describesOnly(block.type, block.body),
      owner: block.mode,
      type: block.type,
      at: block.address,
      path: block.path,
      way: [],
      ephemeralVariables,
    }),
  );
  const rest = (['provider', 'output', 'locals', 'variable', 'terraform'] as const).flatMap((owner) =>
    visit(stack.json[owner], {
      owner,
      type: '',
      at: owner,
      path: owner,
      way: [],
      ephemeralVariables,
      describesOnly: false,
    }),
  );
  return [...blocks, ...rest].map((leak) => ({ ...leak, stack: stack.id }));
}

function visit(value: Json | undefined, place: Place): readonly Omit<Leak, 'stack'>[] {
  if (typeof value === 'string') return visitText(value, place);
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((one, n) => visit(one, below(place, String(n))));
  const entries = Object.entries(value).filter(([key]) => key !== '//');
  // `{ name: 'DB_PASSWORD', value: '…' }` is how lists spell a map.
  const { name, value: named } = value as { readonly [key: string]: Json };
  const listed =
    typeof name === 'string' && isSecretName(name) && isLiteralValue(named) ? [leak(below(place, name), LITERAL)] : [];
  return [...listed, ...entries.flatMap(([key, one]) => visit(one, below(place, key)))];
}

function visitText(text: string, place: Place): readonly Omit<Leak, 'stack'>[] {
  for (const check of CHECKS) {
    const found = check(place, text);
    if (found !== undefined) return [leak(place, found)];
  }
  // Policies, task definitions and documents are JSON inside a text.
  return /^\s*[{[]/.test(text) ? visit(parsedJson(text), place) : [];
}

const LITERAL: Found = {
  code: 'SR-LEAK-LITERAL',
  message: 'has a literal value; let it be generated, put it in from outside, or refer to the secret',
};

function quotedReference(_: Place, text: string): Found | undefined {
  if (!text.includes('$${')) return undefined;
  return {
    code: 'SR-LEAK-QUOTED',
    message: 'has a quoted reference, which Terraform takes as text; use a token of cdktf, not a written `${…}`',
  };
}

function knownSecret(_: Place, text: string): Found | undefined {
  const what = knownForm(text);
  return what === undefined ? undefined : { code: 'SR-LEAK-LITERAL', message: `contains ${what}` };
}

function valueArgument(place: Place, text: string): Found | undefined {
  if (place.owner !== 'resource' || place.describesOnly || !isValueArgument(place.type, place.way)) return undefined;
  if (place.way.at(-1) === 'connection_url' && !/:[^/@{}]+@/.test(text)) return undefined;
  return {
    code: 'SR-LEAK-STORED',
    message: 'would be kept in state; use the write-only argument of the same name with _wo',
  };
}

function copiedValue(place: Place, text: string): Found | undefined {
  if (place.owner === 'terraform' || place.owner === 'variable' || writeOnly(place)) return undefined;
  const reference = text.includes('${') ? sensitiveReference(text) : undefined;
  if (reference === undefined) return undefined;
  return {
    code: 'SR-LEAK-REFERENCE',
    message: `copies ${reference} into ${place.owner === 'output' ? 'an output' : 'state'}`,
  };
}

function ephemeralElsewhere(place: Place, text: string): Found | undefined {
  if (!text.includes('${') || place.owner === 'provider' || place.owner === 'ephemeral' || writeOnly(place))
    return undefined;
  const block = /\bephemeral\.[\w-]+\.[\w-]+/.exec(text)?.[0];
  const variable = place.ephemeralVariables.find((name) => new RegExp(`\\bvar\\.${name}(?![\\w-])`).test(text));
  const reference = block ?? (variable === undefined ? undefined : `var.${variable}`);
  if (reference === undefined) return undefined;
  return {
    code: 'SR-LEAK-EPHEMERAL',
    message: `uses ${reference}; ephemeral values may end in write-only arguments, providers and ephemeral blocks alone`,
  };
}

/** `jsonencode({ password = "…" })`: the value is written inside an expression. */
function literalInExpression(_: Place, text: string): Found | undefined {
  if (!text.includes('${')) return undefined;
  const pairs = text.matchAll(/"?([\w-]+)"?\s*[=:]\s*"([^"\\$]+)"/g);
  for (const [, name, value] of pairs) if (isSecretName(name ?? '') && isLiteralValue(value)) return LITERAL;
  return undefined;
}

function namedLiteral(place: Place, text: string): Found | undefined {
  if (writeOnly(place)) return isLiteral(text) ? LITERAL : undefined;
  const isJson = /^\s*[{[]/.test(text);
  return isSecretName(nameOf(place)) && isLiteralValue(text) && !isJson ? LITERAL : undefined;
}

/** The name that says what a text is: the argument's, or that of the variable or output that it belongs to. */
function nameOf({ owner, way }: Place): string {
  const last = way.findLast((part) => !/^\d+$/.test(part)) ?? '';
  const belongs = (owner === 'variable' && last === 'default') || (owner === 'output' && last === 'value');
  return belongs ? (way[0] ?? '') : last;
}

function writeOnly(place: Place): boolean {
  return place.owner === 'resource' && place.way.some((part) => part.endsWith('_wo'));
}

function below(place: Place, key: string): Place {
  return { ...place, way: [...place.way, key] };
}

function leak({ at, path, way }: Place, found: Found): Omit<Leak, 'stack'> {
  return { ...found, place: [at, ...way].join('.'), path };
}
