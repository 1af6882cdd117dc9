/** A word, a quoted name, or one other character of a statement. */
export interface Token {
  /** Without its quotes. */
  readonly text: string;
  readonly quoted: boolean;
  /** As a statement writes it again. */
  readonly sql: string;
  /** Whether the one before is right beside it. */
  readonly joined: boolean;
}

const TOKEN =
  /\s*(?:`((?:[^`]|``)*)`|'((?:[^'\\]|''|\\.)*)'|"((?:[^"\\]|""|\\.)*)"|([A-Za-z0-9_$%*\u0080-\uffff]+)|(.))/gsuy;

/** Splits a line of `SHOW GRANTS`; names between quotes may hold anything, such as ` TO `. */
export function tokensOf(line: string): readonly Token[] {
  return [...line.matchAll(TOKEN)].flatMap(([whole, name, single, double, word, other]): readonly Token[] => {
    const joined = !/^\s/.test(whole);
    if (name !== undefined) return [quoted(name.replaceAll('``', '`'), joined)];
    const text = single ?? double;
    if (text !== undefined) return [quoted(unescaped(text, single === undefined ? '"' : "'"), joined)];
    const plain = word ?? other;
    return plain === undefined || plain.trim() === '' ? [] : [{ text: plain, quoted: false, sql: plain, joined }];
  });
}

/** Tokens as one text, with every name in one kind of quotes. */
export function written(tokens: readonly Token[]): string {
  return tokens.map(({ sql, joined }, index) => (index === 0 || joined ? sql : ` ${sql}`)).join('');
}

function quoted(text: string, joined: boolean): Token {
  return { text, quoted: true, sql: `\`${text.replaceAll('`', '``')}\``, joined };
}

function unescaped(text: string, quote: string): string {
  return text.replaceAll(quote + quote, quote).replace(/\\(.)/gs, '$1');
}
