import type { Problem } from '../core/errors';

/** Names and list positions with dots in between: where something is in an answer, such as `data.0.id`. */
export type AnswerPath = string;

/** Any value that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/**
 * One kind of request. In path, headers, body and form, `{tag}`, `{idempotency}`, `{id}`, `{key}`, `{basic}` and, for
 * the credential that manages keys, `{admin:NAME}` and `{admin-basic:NAME:NAME}` are replaced by what the operation knows.
 */
export interface ApiOperation {
  /** Method of the request. @default 'GET' */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with a slash, and never holds a credential. */
  readonly path: string;
  /** Headers of the request. @default {} */
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON that is sent. @default - nothing */
  readonly body?: Json;
  /** Sent as a form instead of JSON. @default - nothing */
  readonly form?: Readonly<Record<string, string>>;
  /** What a status means where the number alone does not say it, such as `{ limit: [422] }`. @default {} */
  readonly statuses?: Readonly<Partial<Record<'done' | 'refused' | 'gone' | 'limit' | 'exists', readonly number[]>>>;
}

/** An operation that changes something: its method must be said. */
export interface ApiChange extends ApiOperation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
}

/** How the provider lists the keys that there are. */
export interface ApiList extends ApiOperation {
  /** Where the list is. @default - the answer itself */
  readonly keys?: AnswerPath;
  /** Where a key's id is, within the key. */
  readonly id: AnswerPath;
  /** Where the name is that a key was made with. @default - the list has none */
  readonly tag?: AnswerPath;
  /** Where the time is at which a key was made. @default - the list has none */
  readonly created?: AnswerPath;
  /** Where the key itself is, at a provider that shows it again. @default - it is shown once, when it is made */
  readonly key?: AnswerPath;
  /** What keys that work have; others are passed over. @default - all of them work */
  readonly only?: Readonly<Record<AnswerPath, Json>>;
  /** Where the next page's cursor is, and the parameter that takes it. @default - there is one page */
  readonly cursor?: { readonly at: AnswerPath; readonly parameter: string };
}

/** What all providers have. */
interface AnyProvider {
  /** `https://` and what all paths begin with. */
  readonly url: string;
  /**
   * How many keys can work at once, 2 or more: with one, nobody would get in between two keys.
   *
   * @default 2
   */
  readonly limit?: number;
  /**
   * Whether all keys in the list belong to this secret, so that one that is not in use may be revoked.
   *
   * @default false
   */
  readonly exclusive?: boolean;
  readonly list: ApiList;
  /** Must be refused without a right key, and change nothing. */
  readonly test: ApiOperation;
}

/** The HTTP interface of somebody who hands out keys, as far as keys go. */
export type ApiProvider =
  /** The provider makes keys, and shows each once. */
  | (AnyProvider & {
      readonly mode?: 'create';
      readonly create: ApiChange & { readonly id: AnswerPath; readonly key: AnswerPath };
      readonly revoke: ApiChange;
    })
  /** Keys are made by the function and registered there. */
  | (AnyProvider & { readonly mode: 'chosen'; readonly create: ApiChange; readonly revoke: ApiChange })
  /** There are always the same two keys, and each can be made anew. */
  | (AnyProvider & { readonly mode: 'slots'; readonly regenerate: ApiChange & { readonly key?: AnswerPath } });

/** Members of the secret's JSON in which a key is kept. */
export interface KeyMembers {
  /** @default 'keyId' */
  readonly id?: string;
  /** @default 'apiKey' */
  readonly key?: string;
}

/** All variables of a function together have 4 KB. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const LONGEST_DOCUMENT = 3072;

const FEWEST_KEYS = 2;

/** The provider as the function's code reads it. */
export function providerDocument(provider: ApiProvider, members: Required<KeyMembers>): string {
  const usual = members.id === 'keyId' && members.key === 'apiKey';
  return JSON.stringify({ ...provider, ...(usual ? {} : { secret: members }) });
}

/** Everything that a provider's description can be seen to get wrong before it is asked. */
export function providerProblems(
  provider: ApiProvider,
  members: Required<KeyMembers>,
): readonly (Problem | undefined)[] {
  const bytes = Buffer.byteLength(providerDocument(provider, members));
  return [
    urlPlain(provider.url),
    provider.limit === undefined || (Number.isInteger(provider.limit) && provider.limit >= FEWEST_KEYS)
      ? undefined
      : wrong(
          'limit',
          `is ${provider.limit}, allowed are whole numbers from ${FEWEST_KEYS} up`,
          'a provider with one key at a time shuts everybody out between two keys',
        ),
    ...Object.entries(operationsOf(provider)).map(([name, operation]) => pathClean(name, operation)),
    uses(provider.test, 'key') || uses(provider.test, 'basic')
      ? undefined
      : wrong('test', 'does not send the key, and would prove nothing', 'put {key} or {basic} into one of its headers'),
    bytes <= LONGEST_DOCUMENT
      ? undefined
      : wrong('', `has ${bytes} bytes as JSON, allowed are ${LONGEST_DOCUMENT}`, 'shorten bodies and headers'),
  ];
}

function operationsOf(provider: ApiProvider): Readonly<Record<string, ApiOperation>> {
  const { list, test } = provider;
  if (provider.mode === 'slots') return { list, test, regenerate: provider.regenerate };
  return { list, test, create: provider.create, revoke: provider.revoke };
}

function urlPlain(url: string): Problem | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const { protocol, username = '', password = '', search = '', hash = '' } = parsed ?? {};
  if (protocol === 'https:' && [username, password, search, hash].every((part) => part === '')) return undefined;
  return wrong(
    'url',
    `is no address that begins with https://, without user, query and fragment`,
    'put credentials into headers, by {admin:…}',
  );
}

/** Addresses stand in the log of every server on the way. */
function pathClean(name: string, { path }: ApiOperation): Problem | undefined {
  if (/^\/[!-~]*$/.test(path) && !/\{(key|basic|admin[^}]*)\}/.test(path)) return undefined;
  return wrong(
    `${name}.path`,
    `is ${JSON.stringify(path)}, allowed is a path of printable ASCII that begins with a slash and holds no credential`,
    'put the credential into a header',
  );
}

function uses({ headers = {}, body = null, form = {} }: ApiOperation, placeholder: string): boolean {
  return JSON.stringify([headers, body, form]).includes(`{${placeholder}}`);
}

function wrong(where: string, message: string, fix: string): Problem {
  return { code: 'SR-API-PROVIDER', property: where === '' ? 'provider' : `provider.${where}`, message, fix };
}
