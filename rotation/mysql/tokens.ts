/** One part of a statement as the server writes it. */
export interface Token {
  readonly kind: 'word' | 'name' | 'text' | 'symbol';
  /** As it stands there, quotes and all. */
  readonly raw: string;
  /** Without quotes. */
  readonly value: string;
}

const PARTS = /\s+|`((?:[^`]|``)*)`|'((?:[^'\\]|''|\\.)*)'|"((?:[^"\\]|""|\\.)*)"|([\w$]+)|(.)/gsu;

/**
 * The parts of a statement that `SHOW GRANTS` or `SHOW CREATE USER` gave. A keyword inside of a name or a string is no
 * keyword. Valid for a session without ANSI_QUOTES and NO_BACKSLASH_ESCAPES: see `quoteAsWeRead`.
 */
export function tokensOf(statement: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const [raw, name, single, double, word, symbol] of statement.matchAll(PARTS)) {
    if (name !== undefined) tokens.push({ kind: 'name', raw, value: name.replaceAll('``', '`') });
    else if (single !== undefined) tokens.push({ kind: 'text', raw, value: unescaped(single, "'") });
    else if (double !== undefined) tokens.push({ kind: 'text', raw, value: unescaped(double, '"') });
    else if (word !== undefined) tokens.push({ kind: 'word', raw, value: word });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', raw, value: symbol });
  }
  return tokens;
}

const CONTROL: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', Z: '\x1a', '0': '\0' };

function unescaped(text: string, quote: string): string {
  return text.replaceAll(/\\(.)|''|""/gsu, (found, escaped?: string) => {
    if (escaped !== undefined) return CONTROL[escaped] ?? escaped;
    return found[0] === quote ? quote : found;
  });
}

/** Reads tokens one after the other. */
export class Cursor {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  get done(): boolean {
    return this.at >= this.tokens.length;
  }

  peek(ahead = 0): Token | undefined {
    return this.tokens[this.at + ahead];
  }

  /** Whether the next tokens are these words or symbols. */
  sees(...values: readonly string[]): boolean {
    return values.every((value, ahead) => {
      const token = this.peek(ahead);
      return token !== undefined && token.kind !== 'name' && token.kind !== 'text' && token.value === value;
    });
  }

  /** Goes past these words or symbols, if they are the next. */
  skips(...values: readonly string[]): boolean {
    if (!this.sees(...values)) return false;
    this.at += values.length;
    return true;
  }

  /** The next token, whatever it is. @throws {SyntaxError} at the end */
  next(): Token {
    const token = this.tokens[this.at++];
    if (!token) throw new SyntaxError('the statement ends early');
    return token;
  }

  /** @throws {SyntaxError} when the next tokens are others */
  expects(...values: readonly string[]): void {
    if (!this.skips(...values)) throw new SyntaxError(`there is no ${values.join(' ')}`);
  }

  /** A quoted name, or a string, which MariaDB writes for a proxied user. */
  name(): string {
    const token = this.next();
    if (token.kind !== 'name' && token.kind !== 'text') throw new SyntaxError('there is no name');
    return token.value;
  }

  /** Everything up to one of these words, in one text. */
  until(...ends: readonly string[]): string {
    let text = '';
    while (!this.done && !ends.some((end) => this.sees(end))) {
      const { kind, raw } = this.next();
      text += kind === 'word' ? `${raw} ` : raw;
    }
    return text.trim();
  }
}
