import type { Deadline } from '../deadline';
import {
  AdminRefused,
  InvalidSecretValue,
  KeyLimitReached,
  ProviderAnswerInvalid,
  ProviderRefused,
  ProviderThrottled,
  ProviderUnavailable,
} from '../errors';
import type { SecretValue } from '../secret-value';
import { at, keysIn, parseAnswer, textAt } from './answer';
import type { ApiDescription, Meaning, Operation } from './description';
import type { Access, KeyList, KeyProvider, ListedKey, NewKey } from './key-provider';
import type { ApiAnswer, ApiRequest, Send } from './request';
import { fillBody, fillForm, fillHeader, fillPath, type Lookup } from './template';

/** A provider that is busy is asked again, as long as asking twice does no harm. */
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 250;

/** A provider that wants to be left alone for longer is left to the next try of the rotation. */
const LONGEST_PAUSE_MS = 3_000;

/** Two keys at a time, or some hundred: a list that goes on for longer than this goes in circles. */
const LONGEST_LIST_PAGES = 20;

/** One call, as the methods of the provider describe it. */
interface Call {
  readonly name: string;
  readonly operation: Operation;
  /** Whether the same request may be sent twice. */
  readonly repeatable: boolean;
  readonly values?: Readonly<Record<string, string>>;
  /** Added to the path's query. */
  readonly query?: string;
}

interface Answered {
  readonly meaning: Meaning;
  readonly place: string;
  readonly answer: ApiAnswer;
}

/** A provider that is described by configuration, reached over HTTP. */
export function httpProvider(api: ApiDescription, send: Send): KeyProvider {
  const { keys } = api;

  async function managed(call: Call, access: Access): Promise<Answered> {
    const admin = await access.admin();
    const first = await ask(call, access.deadline, admin);
    if (first.meaning !== 'refused') return first;
    // The admin credential's own rotation may have come in between: once more, if it is another one now.
    const again = await access.admin(true);
    const second = again.with({}) === admin.with({}) ? first : await ask(call, access.deadline, again);
    if (second.meaning !== 'refused') return second;
    throw new AdminRefused(
      `${second.place}: the credential that manages keys is refused (status ${second.answer.status}); repair its secret, or allow it to do this`,
    );
  }

  async function ask(call: Call, deadline: Deadline, admin?: SecretValue): Promise<Answered> {
    const request = requestOf(api, call, lookupIn(call, admin));
    const { place } = request;
    for (let attempt = 1; ; attempt++) {
      const answer = await send(request, deadline);
      const { status } = answer;
      if (!isBusy(status)) return { meaning: meaningOf(call, answer, place), place, answer };
      const pause = answer.retryAfter === undefined ? FIRST_PAUSE_MS * 2 ** (attempt - 1) : answer.retryAfter * 1_000;
      const enough = !call.repeatable || attempt >= ATTEMPTS || pause > LONGEST_PAUSE_MS || deadline.left() <= pause;
      if (enough) throw busy(place, status, attempt);
      await deadline.pause(pause);
    }
  }

  async function list(access: Access): Promise<KeyList> {
    const { list: operation } = api;
    const found: ListedKey[] = [];
    let query: string | undefined;
    for (let page = 1; page <= LONGEST_LIST_PAGES; page++) {
      const call = { name: 'list', operation, repeatable: true, ...(query === undefined ? {} : { query }) };
      const { place, answer } = await managed(call, access);
      const body = parseAnswer(answer.body, place);
      found.push(...keysIn(body, operation, place));
      const next = operation.cursor && at(body, operation.cursor.at);
      if (!operation.cursor || next === undefined || next === null || next === '') {
        return { keys: found, now: answer.date ?? new Date() };
      }
      query = new URLSearchParams({ [operation.cursor.parameter]: String(next) }).toString();
    }
    throw new ProviderAnswerInvalid(
      `the list of keys does not end after ${LONGEST_LIST_PAGES} pages; correct list.cursor in STRONGROOM_API`,
    );
  }

  return {
    list,

    create: async (tag, repetition, access) => {
      if (keys.mode !== 'create') throw wrongMode('create');
      const idempotency = repetition === 1 ? tag : `${tag}-${repetition}`;
      const { create: operation, idempotent: repeatable } = keys;
      const call = { name: 'create', operation, repeatable, values: { tag, idempotency } };
      const { meaning, place, answer } = await managed(call, access);
      if (meaning !== 'done') throw limitReached(place, answer.status);
      const body = parseAnswer(answer.body, place);
      return { id: textAt(body, operation.id, place), key: textAt(body, operation.key, place) };
    },

    register: async (tag, key, access) => {
      if (keys.mode !== 'chosen') throw wrongMode('register');
      const { create: operation } = keys;
      const call = { name: 'create', operation, repeatable: true, values: { tag, key, idempotency: tag } };
      const { meaning, place, answer } = await managed(call, access);
      if (meaning === 'limit') throw limitReached(place, answer.status);
    },

    regenerate: async (slot, access): Promise<NewKey> => {
      if (keys.mode !== 'slots') throw wrongMode('regenerate');
      const { regenerate: operation } = keys;
      const call = { name: 'regenerate', operation, repeatable: false, values: { id: slot } };
      const { place, answer } = await managed(call, access);
      if (operation.key !== undefined) {
        return { id: slot, key: textAt(parseAnswer(answer.body, place), operation.key, place) };
      }
      const key = (await list(access)).keys.find(({ id }) => id === slot)?.key;
      if (key !== undefined) return { id: slot, key };
      throw new ProviderAnswerInvalid(
        `${place}: the list shows no key in the slot; correct list.key in STRONGROOM_API`,
      );
    },

    test: async ({ id, key }, deadline) => {
      const basic = Buffer.from(`${id}:${key}`).toString('base64');
      const call = { name: 'test', operation: api.test, repeatable: true, values: { id, key, basic } };
      return (await ask(call, deadline)).meaning !== 'refused';
    },

    revoke: async (id, access) => {
      if (keys.mode === 'slots') throw wrongMode('revoke');
      await managed({ name: 'revoke', operation: keys.revoke, repeatable: true, values: { id } }, access);
    },
  };
}

function requestOf(api: ApiDescription, { name, operation, query }: Call, lookup: Lookup): ApiRequest {
  const { method, path, body, form } = operation;
  const filled = fillPath(path, lookup);
  const url = new URL(`${api.url}${filled}${query === undefined ? '' : `${filled.includes('?') ? '&' : '?'}${query}`}`);
  const content =
    body === undefined
      ? form && { type: 'application/x-www-form-urlencoded', text: fillForm(form, lookup) }
      : { type: 'application/json', text: JSON.stringify(fillBody(body, lookup)) };
  const headers: Record<string, string> = {
    accept: 'application/json',
    'user-agent': 'strongroom-rotation',
    ...(content && { 'content-type': content.type }),
  };
  for (const [header, template] of Object.entries(operation.headers)) {
    headers[header.toLowerCase()] = fillHeader(header, template, lookup);
  }
  return {
    // As it was written, before anything was put in.
    place: `${name} (${method} ${api.url}${path})`,
    method,
    url,
    headers,
    ...(content && { body: content.text }),
    ...(api.ca === undefined ? {} : { ca: api.ca }),
  };
}

function lookupIn({ operation, values = {} }: Call, admin: SecretValue | undefined): Lookup {
  return (placeholder) => {
    const own = Object.hasOwn(values, placeholder) ? values[placeholder] : undefined;
    if (own !== undefined) return own;
    const [kind, ...members] = placeholder.split(':');
    if (!admin || !kind?.startsWith('admin')) {
      throw new InvalidSecretValue(`${operation.method} ${operation.path}: nothing is known for {${placeholder}}`);
    }
    const parts = members.map((member) => admin.string(member));
    return kind === 'admin' ? parts.join('') : Buffer.from(parts.join(':')).toString('base64');
  };
}

/** Says nothing about a key, whatever STRONGROOM_API says. */
function isBusy(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

function busy(place: string, status: number, attempts: number): ProviderThrottled | ProviderUnavailable {
  const times = attempts === 1 ? '' : `, ${attempts} times`;
  return status === 429
    ? new ProviderThrottled(`${place}: too many requests (status 429${times}); Secrets Manager repeats the rotation`)
    : new ProviderUnavailable(`${place}: status ${status}${times}; Secrets Manager repeats the rotation`);
}

function meaningOf({ name, operation }: Call, { status }: ApiAnswer, place: string): Meaning {
  const said = operation.statuses.get(status);
  if (said !== undefined) return said;
  if (status >= 200 && status < 300) return 'done';
  if (status === 401 || status === 403) return 'refused';
  if (name === 'revoke' && (status === 404 || status === 410)) return 'gone';
  throw new ProviderRefused(
    `${place}: status ${status}${status >= 300 && status < 400 ? ', a redirect, and none is followed' : ''}; correct STRONGROOM_API, or say in its statuses what this means`,
  );
}

function limitReached(place: string, status: number): KeyLimitReached {
  return new KeyLimitReached(
    `${place}: the provider allows no further key (status ${status}); revoke one that nobody uses, or correct limit in STRONGROOM_API`,
  );
}

function wrongMode(method: string): ProviderRefused {
  return new ProviderRefused(`this provider's keys are not made by ${method}; correct mode in STRONGROOM_API`);
}
