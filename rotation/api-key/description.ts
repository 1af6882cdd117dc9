import type { PasswordPolicy } from '../password';
import type { StepOptions } from '../step-options';

export const API_KEY_ROTATOR = 'http-api-key';

/** What the stack says about a function that rotates API keys. */
export interface ApiKeyConfiguration {
  readonly rotator: typeof API_KEY_ROTATOR;
  /** The secrets that may be rotated, by ARN. */
  readonly secrets: readonly string[];
  /** ARN of the secret with the credential that manages keys. @default the current key manages keys itself */
  readonly superuserSecret?: string;
  /** How long a previous key works at least, in seconds. */
  readonly graceSeconds: number;
  /** Of keys that are chosen here. */
  readonly password: PasswordPolicy;
  readonly steps: StepOptions;
  readonly api: ApiDescription;
}

/** Any value that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What a status means, where the number alone doesn't say it. */
export type Meaning = 'done' | 'refused' | 'gone' | 'limit' | 'exists';

/** One kind of request. Path, headers, body and form are templates: `{tag}`, `{id}` and so on are replaced. */
export interface Operation {
  readonly method: string;
  /** Begins with a slash; may have a query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Json;
  /** Sent as a form instead of JSON. */
  readonly form?: Readonly<Record<string, string>>;
  readonly statuses: ReadonlyMap<number, Meaning>;
}

/** Where something is in an answer: names and list positions with dots in between; empty is the answer itself. */
export type AnswerPath = string;

export interface ListOperation extends Operation {
  readonly keys: AnswerPath;
  /** From here on within one key. */
  readonly id: AnswerPath;
  readonly tag?: AnswerPath;
  readonly created?: AnswerPath;
  readonly key?: AnswerPath;
  /** Keys that don't have all of these are passed over: revoked ones that the list still shows. */
  readonly only: Readonly<Record<AnswerPath, Json>>;
  /** Where an answer says how to go on, and the query parameter that takes it. */
  readonly cursor?: { readonly at: AnswerPath; readonly parameter: string };
}

export interface CreateOperation extends Operation {
  readonly id: AnswerPath;
  readonly key: AnswerPath;
}

export interface RegenerateOperation extends Operation {
  /** Without it the new key is read from the list. */
  readonly key?: AnswerPath;
}

/** How keys come about at this provider. */
export type Keys =
  /** The provider makes them, as many as the limit allows. */
  | {
      readonly mode: 'create';
      readonly create: CreateOperation;
      readonly revoke: Operation;
      readonly idempotent: boolean;
    }
  /** They are made here and registered there. */
  | { readonly mode: 'chosen'; readonly create: Operation; readonly revoke: Operation }
  /** There are always the same two, and each can be made anew. */
  | { readonly mode: 'slots'; readonly regenerate: RegenerateOperation };

/** A provider's HTTP interface, as far as keys go. */
export interface ApiDescription {
  /** Without a slash at its end. */
  readonly url: string;
  /** PEM of the authorities to trust instead of the well-known ones. */
  readonly ca?: string;
  /** How many keys can work at once. */
  readonly limit: number;
  /** True if every key in the list belongs to this secret, so that any that is not in use may be revoked. */
  readonly exclusive: boolean;
  /** The keys of the secret's JSON under which id and key are kept. */
  readonly members: { readonly id: string; readonly key: string };
  readonly list: ListOperation;
  readonly test: Operation;
  readonly keys: Keys;
}
