import { randomInt } from 'node:crypto';
import { invalidParameter, violated } from './errors';
import { type Input, optionalNumber, optionalText } from './input';

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html */
const LONGEST = 4_096;
const USUAL = 32;

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/** A password as GetRandomPassword makes it. */
export function randomPassword(input: Input): string {
  const length = optionalNumber(input, 'PasswordLength') ?? USUAL;
  const excluded = optionalText(input, 'ExcludeCharacters') ?? '';
  const kinds = [
    input.ExcludeLowercase === true ? '' : LOWER,
    input.ExcludeUppercase === true ? '' : LOWER.toUpperCase(),
    input.ExcludeNumbers === true ? '' : DIGITS,
    input.ExcludePunctuation === true ? '' : PUNCTUATION,
    input.IncludeSpace === true ? ' ' : '',
  ]
    .map((kind) => [...kind].filter((character) => !excluded.includes(character)))
    .filter((kind) => kind.length > 0);
  const each = input.RequireEachIncludedType !== false;
  if (length < 1) throw violated('passwordLength', 'have value greater than or equal to 1', length);
  if (length > LONGEST) throw violated('passwordLength', `have value less than or equal to ${LONGEST}`, length);
  if (kinds.length === 0) throw invalidParameter('No characters are left to make a password of.');
  if (each && length < kinds.length)
    throw invalidParameter('Password length is too short based on the required types.');
  const all = kinds.flat();
  const characters = each ? kinds.map(one) : [];
  while (characters.length < length) characters.push(one(all));
  return shuffled(characters).join('');
}

function one(characters: readonly string[]): string {
  return characters[randomInt(characters.length)] ?? '';
}

function shuffled(characters: readonly string[]): readonly string[] {
  const result = [...characters];
  for (let last = result.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [result[last], result[other]] = [result[other] ?? '', result[last] ?? ''];
  }
  return result;
}
