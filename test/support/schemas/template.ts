/** A string of Terraform JSON, taken apart. */
export interface Template {
  /** What the expressions say, without the text of strings inside them. */
  readonly code: readonly string[];
  /** Whether anything but expressions is in it. */
  readonly hasText: boolean;
}

/** Takes a string apart; one without any `${…}` has no code. */
export function readTemplate(text: string): Template {
  const code: string[] = [];
  const end = readText(text, 0, undefined, code);
  return { code, hasText: end.hasText };
}

/** One reference to an attribute of a block, or to the whole block. */
export interface Reference {
  readonly kind: 'resource' | 'data' | 'ephemeral';
  readonly type: string;
  readonly name: string;
  readonly attribute?: string;
}

const REFERENCE =
  /(?<![\w.-])(?:(data|ephemeral)\.)?([a-z][a-z0-9]*_[a-z0-9_]+)\.([A-Za-z_][\w-]*)(?:\[[^\]]*\])?(?:\.([A-Za-z_]\w*))?/g;

/** Every reference to a block in a piece of code. Types always have an underscore, other names before a dot have none. */
export function references(code: string): readonly Reference[] {
  return [...code.matchAll(REFERENCE)].map(([, kind, type = '', name = '', attribute]) => ({
    kind: kind === 'data' || kind === 'ephemeral' ? kind : 'resource',
    type,
    name,
    ...(attribute === undefined ? {} : { attribute }),
  }));
}

/** Reads text until `closing` or the end; returns where it ended. */
function readText(
  text: string,
  start: number,
  closing: '"' | undefined,
  code: string[],
): { readonly next: number; readonly hasText: boolean } {
  let at = start;
  let hasText = false;
  while (at < text.length) {
    if (text[at] === closing) return { next: at + 1, hasText };
    const opens = text.startsWith('${', at) || text.startsWith('%{', at);
    if (opens) {
      const expression = readExpression(text, at + 2, code);
      code.push(expression.code);
      at = expression.next;
      continue;
    }
    hasText = true;
    const escaped = text.startsWith('$${', at) || text.startsWith('%%{', at);
    at += escaped ? 3 : closing !== undefined && text[at] === '\\' ? 2 : 1;
  }
  return { next: at, hasText };
}

function readExpression(
  text: string,
  start: number,
  inner: string[],
): { readonly next: number; readonly code: string } {
  let at = start;
  let depth = 1;
  let code = '';
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '"') {
      code += '""';
      at = readText(text, at + 1, '"', inner).next;
      continue;
    }
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    at += 1;
    if (depth === 0) break;
    code += character;
  }
  return { next: at, code };
}
