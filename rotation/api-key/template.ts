import { InvalidSecretValue, ProviderAnswerInvalid } from '../errors';
import type { Json } from './description';

/** `{tag}`, `{admin:apiKey}`, `{admin-basic:username:password}`; any other brace stands for itself. */
const PLACEHOLDER = /\{([a-z][a-z-]*(?::[A-Za-z0-9_.-]+)*)\}/g;

/** The value of a placeholder, by what is between its braces. */
export type Lookup = (placeholder: string) => string;

export function placeholdersIn(template: Json): string[] {
  return textsIn(template).flatMap((text) => [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name));
}

/** A path with its query; no value can leave its place. */
export function fillPath(template: string, lookup: Lookup): string {
  return fill(template, (placeholder) => {
    const value = lookup(placeholder);
    // Whoever reads a path takes these two for a step up, whatever encodes them.
    if (value === '' || value === '.' || value === '..')
      throw new ProviderAnswerInvalid(`a key's {${placeholder}} is ${JSON.stringify(value)}, which no path can hold`);
    return encodeURIComponent(value);
  });
}

/** @throws {InvalidSecretValue} naming the header when a value would begin another one. */
export function fillHeader(name: string, template: string, lookup: Lookup): string {
  const value = fill(template, lookup);
  if (/^[\t\x20-\x7e]*$/.test(value)) return value;
  throw new InvalidSecretValue(
    `header ${name}: a value to be put into it has a character other than printable ASCII; correct the secret`,
  );
}

/** Values are put inside of strings only, so that the encoding of the whole keeps them there. */
export function fillBody(template: Json, lookup: Lookup): Json {
  if (typeof template === 'string') return fill(template, lookup);
  if (typeof template !== 'object' || template === null) return template;
  if (isList(template)) return template.map((item) => fillBody(item, lookup));
  return Object.fromEntries(Object.entries(template).map(([name, value]) => [name, fillBody(value, lookup)]));
}

export function fillForm(template: Readonly<Record<string, string>>, lookup: Lookup): string {
  return new URLSearchParams(
    Object.entries(template).map(([name, value]): [string, string] => [name, fill(value, lookup)]),
  ).toString();
}

function fill(template: string, lookup: Lookup): string {
  return template.replace(PLACEHOLDER, (_, placeholder: string) => lookup(placeholder));
}

function textsIn(template: Json): string[] {
  if (typeof template === 'string') return [template];
  if (typeof template !== 'object' || template === null) return [];
  return Object.values(template).flatMap((value: Json) => textsIn(value));
}

// Array.isArray does not tell a read-only list from an object.
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
