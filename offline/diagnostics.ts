import type { StackModel } from '../review/model';

/** One thing that the engine said about a stack. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail: string;
  /** The construct's path, or the block's address; undefined where the engine names no place. */
  readonly at?: string;
}

interface Raw {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail?: string;
  readonly address?: string;
  readonly range?: { readonly filename: string; readonly start: { readonly byte: number } };
}

const SECTIONS = ['resource', 'data', 'ephemeral'] as const;

/** Reads what `validate -json` printed. */
export function readValidation(model: StackModel, text: string, printed: string): readonly Diagnostic[] {
  const { diagnostics } = JSON.parse(printed) as { readonly diagnostics?: readonly Raw[] };
  return (diagnostics ?? []).map((raw) => diagnosticOf(model, text, raw));
}

/** Reads the diagnostics in what a command with `-json` printed, one object a line. */
export function readStream(model: StackModel, text: string, printed: string): readonly Diagnostic[] {
  return printed.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    const { diagnostic } = JSON.parse(line) as { readonly diagnostic?: Raw };
    return diagnostic === undefined ? [] : [diagnosticOf(model, text, diagnostic)];
  });
}

function diagnosticOf(model: StackModel, text: string, raw: Raw): Diagnostic {
  const at = place(model, text, raw) ?? mentioned(model, `${raw.summary} ${raw.detail ?? ''}`);
  return {
    severity: raw.severity,
    summary: raw.summary,
    detail: (raw.detail ?? '').replace(/\s+/g, ' ').trim(),
    ...(at === undefined ? {} : { at }),
  };
}

function place(model: StackModel, text: string, { address, range }: Raw): string | undefined {
  const steps = range?.filename === 'cdk.tf.json' ? pathAt(text, range.start.byte) : [];
  const [section = '', type = '', name = ''] = steps;
  const found = model.blocks.find(
    (block) =>
      block.address === address?.replace(/\[.*$/, '') ||
      (block.mode === section && block.type === type && block.name === name),
  );
  if (found !== undefined) return found.path;
  if (address) return address;
  const isBlock = SECTIONS.some((one) => one === section);
  return steps.length === 0 ? undefined : steps.slice(isBlock ? 1 : 0, 3).join('.');
}

/** The constructs of every block that a text names: a cycle has no place of its own. */
function mentioned(model: StackModel, text: string): string | undefined {
  const words = new Set(text.split(/[\s,"'()]+/));
  const paths = model.blocks.filter(({ address }) => words.has(address)).map(({ path }) => path);
  return paths.length === 0 ? undefined : paths.join(', ');
}

/**
 * The keys that lead to a byte of a JSON text, outermost first.
 *
 * Engines point at a place of the file; people think in constructs.
 */
export function pathAt(json: string, byte: number): readonly string[] {
  const bytes = Buffer.from(json);
  const stack: { key: string | undefined; readonly list: boolean }[] = [];
  let key: string | undefined;
  let expectsKey = false;
  for (let at = 0; at < bytes.length && at <= byte; at += 1) {
    const character = String.fromCharCode(bytes[at] ?? 0);
    const top = stack.at(-1);
    if (character === '"') {
      const end = endOfText(bytes, at);
      if (expectsKey && top !== undefined) {
        key = JSON.parse(bytes.subarray(at, end + 1).toString()) as string;
        top.key = key;
        expectsKey = false;
      }
      at = end;
    } else if (character === '{' || character === '[') {
      // The place of an opening brace belongs to what it opens.
      stack.push({ key: undefined, list: character === '[' });
      expectsKey = character === '{';
    } else if (character === '}' || character === ']') {
      if (at === byte) break;
      stack.pop();
    } else if (character === ',') {
      expectsKey = stack.at(-1)?.list === false;
    }
  }
  return stack.flatMap(({ key: one, list }) => (list || one === undefined ? [] : [one]));
}

function endOfText(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== 0x22) at += bytes[at] === 0x5c ? 2 : 1;
  return at;
}
