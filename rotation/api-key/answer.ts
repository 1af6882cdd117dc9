import { ProviderAnswerInvalid } from '../errors';
import type { AnswerPath, ListOperation } from './description';
import type { ListedKey } from './key-provider';

/** Below this a number of time counts seconds, above it milliseconds: the year 5138, or March 1973. */
const SECONDS_END = 1e11;

/** @throws {ProviderAnswerInvalid} without a word of the text, which can hold a key. */
export function parseAnswer(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProviderAnswerInvalid(`${place}: the answer is not JSON; correct the path in STRONGROOM_API`);
  }
}

/** What is at a path, or undefined. Only what the answer itself has is found. */
export function at(answer: unknown, path: AnswerPath): unknown {
  if (path === '') return answer;
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      answer,
    );
}

/** @throws {ProviderAnswerInvalid} when there is neither a text with characters nor a number. */
export function textAt(answer: unknown, path: AnswerPath, place: string): string {
  const value = at(answer, path);
  if (typeof value === 'string' && value !== '') return value;
  // A larger one has lost digits on the way.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  throw new ProviderAnswerInvalid(
    `${place}: the answer has no text at ${JSON.stringify(path)}; correct STRONGROOM_API`,
  );
}

/** The keys of one answer. @throws {ProviderAnswerInvalid} */
export function keysIn(answer: unknown, list: ListOperation, place: string): ListedKey[] {
  const items = at(answer, list.keys);
  if (!Array.isArray(items)) {
    throw new ProviderAnswerInvalid(
      `${place}: the answer has no list at ${JSON.stringify(list.keys)}; correct list.keys in STRONGROOM_API`,
    );
  }
  return items
    .filter((item) => Object.entries(list.only).every(([path, wanted]) => at(item, path) === wanted))
    .map((item) => ({
      id: textAt(item, list.id, place),
      tag: list.tag === undefined ? undefined : optionalText(item, list.tag),
      created: list.created === undefined ? undefined : timeAt(item, list.created, place),
      key: list.key === undefined ? undefined : optionalText(item, list.key),
    }));
}

function optionalText(item: unknown, path: AnswerPath): string | undefined {
  const value = at(item, path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function timeAt(item: unknown, path: AnswerPath, place: string): Date | undefined {
  const value = at(item, path);
  if (value === undefined || value === null) return undefined;
  const time =
    typeof value === 'number'
      ? new Date(value < SECONDS_END ? value * 1000 : value)
      : new Date(typeof value === 'string' ? value : Number.NaN);
  if (!Number.isNaN(time.getTime())) return time;
  throw new ProviderAnswerInvalid(
    `${place}: what is at ${JSON.stringify(path)} is not a time; correct list.created in STRONGROOM_API`,
  );
}
