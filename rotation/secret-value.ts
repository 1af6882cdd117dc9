import { InvalidSecretValue } from './errors';

/**
 * The JSON object in a secret.
 *
 * Its text is kept as it is: members that nobody asked to change stay byte for byte, whatever they hold (large numbers,
 * order, white space). Neither printing it nor turning it into JSON shows anything.
 */
export class SecretValue {
  readonly #text: string;
  readonly #members: ReadonlyMap<string, Member>;

  /**
   * @param label what the value is called in messages, such as `AWSCURRENT`.
   * @throws {InvalidSecretValue} naming the label, never showing the text.
   */
  constructor(
    text: string,
    private readonly label: string,
  ) {
    const parsed = parse(text);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
      throw new InvalidSecretValue(
        `the value ${label} is not a JSON object; put one with engine, host, username and password`,
      );
    }
    const members = membersOf(text);
    const names = members.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      throw new InvalidSecretValue(`the value ${label} has the key ${JSON.stringify(twice)} twice; keep one`);
    }
    this.#text = text;
    this.#members = new Map(members.map((member) => [member.name, member]));
  }

  /** @throws {InvalidSecretValue} when the key is missing, empty or not a string. */
  string(key: string): string {
    const value = this.get(key);
    if (typeof value === 'string' && value !== '') return value;
    throw new InvalidSecretValue(
      `the value ${this.label} has no ${key}, or it is not a string with characters; put a value with ${key} in`,
    );
  }

  /** Whatever is there, or undefined. */
  get(key: string): unknown {
    const member = this.#members.get(key);
    return member && JSON.parse(this.#text.slice(member.from, member.to));
  }

  /** The text with some members replaced, or added at the end; all other bytes stay. */
  with(changes: Readonly<Record<string, string | number | readonly string[]>>): string {
    let text = this.#text;
    const added: string[] = [];
    const replaced: (Member & { readonly json: string })[] = [];
    for (const [name, value] of Object.entries(changes)) {
      const member = this.#members.get(name);
      if (member) replaced.push({ ...member, json: JSON.stringify(value) });
      else added.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
    }
    // From the end, so that the places before stay right.
    if (added.length > 0) {
      const end = text.lastIndexOf('}');
      text = `${text.slice(0, end)}${this.#members.size > 0 ? ',' : ''}${added.join(',')}${text.slice(end)}`;
    }
    for (const { from, to, json } of replaced.sort((a, b) => b.from - a.from)) {
      text = text.slice(0, from) + json + text.slice(to);
    }
    return text;
  }

  toJSON(): string {
    return '[secret value]';
  }
}

interface Member {
  readonly name: string;
  /** Where the member's value begins in the text. */
  readonly from: number;
  /** Where it ends. */
  readonly to: number;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text.
    return undefined;
  }
}

const STRING = /"(?:[^"\\]|\\.)*"/y;

/** The members of an object whose text JSON.parse has accepted, so that only the outermost level must be found. */
function membersOf(text: string): Member[] {
  const members: Member[] = [];
  let at = text.indexOf('{') + 1;
  for (;;) {
    at = skip(text, at, /[\s,]*/y);
    if (text[at] !== '"') return members;
    const nameEnd = skip(text, at, STRING);
    const name = JSON.parse(text.slice(at, nameEnd)) as string;
    const from = skip(text, nameEnd, /\s*:\s*/y);
    const to = endOfValue(text, from);
    members.push({ name, from, to });
    at = to;
  }
}

function endOfValue(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; ) {
    const character = text[at];
    if (character === '"') at = skip(text, at, STRING);
    else if (character === '{' || character === '[') {
      depth++;
      at++;
    } else if (character === '}' || character === ']') {
      if (depth === 0) return trimmed(text, from, at);
      depth--;
      at++;
    } else if (character === ',' && depth === 0) return trimmed(text, from, at);
    else at++;
  }
  return text.length;
}

function trimmed(text: string, from: number, to: number): number {
  return from + text.slice(from, to).trimEnd().length;
}

function skip(text: string, at: number, pattern: RegExp): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
