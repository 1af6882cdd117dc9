import type { Json } from './description';

type JsonObject = { readonly [name: string]: Json };

/** The members of one object in a JSON document, read one by one; whatever is wrong is added to the problems. */
export class Members {
  private readonly asked = new Set<string>();

  private constructor(
    private readonly place: string,
    private readonly value: JsonObject,
    private readonly problems: string[],
  ) {}

  static parse(variable: string, text: string, problems: string[]): Members {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // The parser's message quotes the text.
    }
    if (isObject(value)) return new Members(variable, value, problems);
    problems.push(`${variable} is not a JSON object`);
    // Told once; what is missing in it would be noise.
    return new Members(variable, {}, []);
  }

  problem(what: string): void {
    this.problems.push(`${this.place} ${what}`);
  }

  /** Refuses members that nobody has asked for: a mistyped one would be taken for its default. */
  nothingElse(): void {
    const unknown = Object.keys(this.value).filter((name) => !this.asked.has(name));
    if (unknown.length > 0) this.problem(`has ${unknown.map((name) => JSON.stringify(name)).join(', ')}, unknown here`);
  }

  text(name: string, otherwise?: string): string {
    const value = this.get(name) ?? otherwise;
    if (typeof value === 'string' && value !== '') return value;
    this.problem(`${name} is ${value === undefined ? 'missing' : 'not a text'}`);
    return '';
  }

  optionalText(name: string): string | undefined {
    const value = this.get(name);
    if (value === undefined || typeof value === 'string') return value;
    this.problem(`${name} is not a text`);
    return undefined;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[], otherwise: T | undefined): T {
    const value = this.get(name) ?? otherwise;
    const found = allowed.find((one) => one === value);
    if (found !== undefined) return found;
    this.problem(`${name} is ${value === undefined ? 'missing' : JSON.stringify(value)}; one of ${allowed.join(', ')}`);
    return allowed[0] as T;
  }

  wholeNumber(name: string, otherwise: number): number {
    const value = this.get(name) ?? otherwise;
    if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 1_000) return value;
    this.problem(`${name} is not a whole number from 1 to 1000`);
    return otherwise;
  }

  flag(name: string): boolean {
    const value = this.get(name) ?? false;
    if (typeof value === 'boolean') return value;
    this.problem(`${name} is not true or false`);
    return false;
  }

  numbers(name: string): readonly number[] {
    const value = this.get(name) ?? [];
    if (Array.isArray(value) && value.every((item): item is number => Number.isInteger(item))) return value;
    this.problem(`${name} is not a list of statuses`);
    return [];
  }

  object(name: string, otherwise?: JsonObject): Members {
    const value = this.get(name) ?? otherwise;
    if (isObject(value)) return new Members(`${this.place} ${name}:`, value, this.problems);
    this.problem(`${name} is ${value === undefined ? 'missing' : 'not an object'}`);
    return new Members(`${this.place} ${name}:`, isObject(value) ? value : {}, []);
  }

  optionalObject(name: string): Members | undefined {
    return this.get(name) === undefined ? undefined : this.object(name);
  }

  json(name: string, otherwise: JsonObject): JsonObject {
    const value = this.get(name) ?? otherwise;
    if (isObject(value)) return value;
    this.problem(`${name} is not an object`);
    return otherwise;
  }

  optionalJson(name: string): Json | undefined {
    return this.get(name);
  }

  texts(name: string): Readonly<Record<string, string>> {
    return this.optionalTexts(name) ?? {};
  }

  optionalTexts(name: string): Readonly<Record<string, string>> | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    const texts = isObject(value) ? Object.entries(value) : [];
    if (isObject(value) && texts.every((entry): entry is [string, string] => typeof entry[1] === 'string'))
      return Object.fromEntries(texts);
    this.problem(`${name} is not an object of texts`);
    return {};
  }

  private get(name: string): Json | undefined {
    this.asked.add(name);
    return Object.hasOwn(this.value, name) ? this.value[name] : undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
