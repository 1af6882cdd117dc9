/** One rule of a Vault policy. */
export interface PathRule {
  /** The path as written, with `+` for one segment and a final `*` for any end. */
  readonly path: string;
  readonly capabilities: readonly string[];
}

type Token = { readonly kind: 'word' | 'text' | 'mark'; readonly text: string };

const TOKEN = /\s+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|"((?:[^"\\]|\\.)*)"|([A-Za-z0-9_.-]+)|([{}[\]=,:])/y;

/** What the older form of a rule, `policy = "read"`, stands for. @see https://developer.hashicorp.com/vault/docs/concepts/policies */
const SHORTHANDS: Readonly<Record<string, readonly string[]>> = {
  deny: ['deny'],
  read: ['read', 'list'],
  write: ['create', 'read', 'update', 'delete', 'list'],
  sudo: ['create', 'read', 'update', 'delete', 'list', 'sudo'],
};

/**
 * Reads a Vault policy: `path "…" { capabilities = ["…"] }` and whatever else such a block may hold.
 *
 * @throws {Error} where the text is no such policy, with the place.
 */
export function parsePolicy(text: string): readonly PathRule[] {
  const tokens = tokensOf(text);
  const rules: PathRule[] = [];
  let at = 0;
  const next = () => tokens[at++] ?? { kind: 'mark', text: 'the end' };
  const expect = (mark: string) => {
    const token = next();
    if (token.text !== mark) throw new Error(`policy has ${JSON.stringify(token.text)} where ${mark} should be`);
  };
  while (at < tokens.length) {
    const word = next();
    if (word.text !== 'path') {
      // `name = "…"` and the like are allowed at the top, and say nothing about access.
      expect('=');
      valueFrom(next);
      continue;
    }
    const path = next();
    expect('{');
    const capabilities: string[] = [];
    for (let key = next(); key.text !== '}'; key = next()) {
      if (key.text === ',') continue;
      expect('=');
      const values = valueFrom(next);
      if (key.text === 'capabilities') capabilities.push(...values);
      if (key.text === 'policy') capabilities.push(...values.flatMap((value) => SHORTHANDS[value] ?? [value]));
    }
    rules.push({ path: path.text.replace(/^\//, ''), capabilities });
  }
  return rules;
}

/**
 * What a token with these policies' rules may do on a path, by Vault's own order of rules.
 *
 * @see https://developer.hashicorp.com/vault/docs/concepts/policies#priority-matching
 */
export function capabilitiesOn(rules: readonly PathRule[], path: string): readonly string[] {
  const matching = rules.filter((rule) => matches(rule.path, path)).map((rule) => rule.path);
  const best = [...new Set(matching)].sort(byPriority).at(-1);
  const capabilities = new Set(rules.filter((rule) => rule.path === best).flatMap((rule) => rule.capabilities));
  return capabilities.has('deny') ? ['deny'] : [...capabilities];
}

function matches(pattern: string, path: string): boolean {
  if (pattern === path) return true;
  const parts = pattern.replace(/\*$/, '').split('/');
  const expression = parts.map((part) => (part === '+' ? '[^/]+' : escaped(part))).join('/');
  return new RegExp(`^${expression}${pattern.endsWith('*') ? '.*' : ''}$`, 's').test(path);
}

/** An identity's own name in a path, `{{identity.…}}`, may be any one segment. */
function escaped(part: string): string {
  return part
    .split(/\{\{[^}]*\}\}/)
    .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^/]+');
}

function byPriority(a: string, b: string): number {
  return (
    firstWildcard(a) - firstWildcard(b) ||
    Number(!a.endsWith('*')) - Number(!b.endsWith('*')) ||
    segmentWildcards(b) - segmentWildcards(a) ||
    a.length - b.length ||
    (a < b ? -1 : 1)
  );
}

function firstWildcard(path: string): number {
  const at = path.search(/(?<=^|\/)\+(?=\/|$)|\*$/);
  return at < 0 ? Number.MAX_SAFE_INTEGER : at;
}

function segmentWildcards(path: string): number {
  return path.split('/').filter((part) => part === '+').length;
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) throw new Error(`policy has an unexpected ${JSON.stringify(text[at])} at character ${at}`);
    if (match[1] !== undefined) tokens.push({ kind: 'text', text: match[1].replace(/\\(.)/g, '$1') });
    else if (match[2] !== undefined) tokens.push({ kind: 'word', text: match[2] });
    else if (match[3] !== undefined) tokens.push({ kind: 'mark', text: match[3] });
  }
  return tokens;
}

/** The texts of one value: a text, a word, a list, or a map whose insides say nothing about access. */
function valueFrom(next: () => Token): readonly string[] {
  const first = next();
  if (first.kind !== 'mark') return [first.text];
  const closing = first.text === '[' ? ']' : '}';
  const values: string[] = [];
  for (let depth = 1; depth > 0; ) {
    const token = next();
    if (token.text === 'the end') throw new Error(`policy ends before ${closing}`);
    if (token.kind !== 'mark') values.push(token.text);
    else if ('[{'.includes(token.text)) depth++;
    else if (']}'.includes(token.text)) depth--;
  }
  return values;
}
