import { readFileSync } from 'node:fs';
import type {
  ApiDescription,
  CreateOperation,
  Json,
  Keys,
  ListOperation,
  Meaning,
  Operation,
  RegenerateOperation,
} from './description';
import { Members } from './members';
import { placeholdersIn } from './template';

/** The old key must work while the new one is made. */
const FEWEST_KEYS = 2;

const MODES = ['create', 'chosen', 'slots'] as const;

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

const LOOPBACK = /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/;

/** A key or a credential in an address would be in the log of every server on the way. */
const NEVER_IN_PATHS = ['key', 'basic'];

type ModeName = (typeof MODES)[number];

type OperationName = 'list' | 'create' | 'regenerate' | 'test' | 'revoke';

/** What each operation knows, besides the credential that manages keys. */
const KNOWN: Readonly<Record<ModeName, Readonly<Partial<Record<OperationName, readonly string[]>>>>> = {
  create: { list: [], create: ['tag', 'idempotency'], test: ['id', 'key', 'basic'], revoke: ['id'] },
  chosen: { list: [], create: ['tag', 'key', 'idempotency'], test: ['id', 'key', 'basic'], revoke: ['id'] },
  slots: { list: [], regenerate: ['id'], test: ['id', 'key', 'basic'] },
};

/** What a status may mean for an operation, besides `refused`. */
const MEANINGS: Readonly<Record<OperationName, readonly Meaning[]>> = {
  list: [],
  create: ['limit', 'exists'],
  regenerate: [],
  test: ['done'],
  revoke: ['gone'],
};

export interface ApiVariables {
  /** `STRONGROOM_API`, a JSON document. */
  readonly api: string;
  /** `STRONGROOM_TLS`. */
  readonly tls: string;
  /** `STRONGROOM_CA_FILE`. */
  readonly caFile: string | undefined;
}

/** Reads what the stack says about the provider; all that is wrong with it is added to the problems. */
export function readApi(variables: ApiVariables, problems: string[]): ApiDescription | undefined {
  const before = problems.length;
  const document = Members.parse('STRONGROOM_API', variables.api, problems);
  const url = readUrl(document, variables.tls, problems);
  const ca = readCa(variables.caFile, problems);
  const mode = document.oneOf('mode', MODES, 'create');
  const limit = document.wholeNumber('limit', FEWEST_KEYS);
  if (limit < FEWEST_KEYS) {
    problems.push(
      `STRONGROOM_API limit is ${limit}: with one key at a time the old one must go before the new one is made, and nobody gets in in between`,
    );
  }
  const exclusive = document.flag('exclusive');
  const members = readMembers(document.object('secret', {}));
  const list = readList(document, mode);
  const test = readOperation(document, mode, 'test');
  const keys = readKeys(document, mode);
  document.nothingElse();
  const description = { url, ...(ca === undefined ? {} : { ca }), limit, exclusive, members, list, test, keys };
  if (problems.length === before) problems.push(...contradictions(description));
  return problems.length === before ? description : undefined;
}

function readUrl(document: Members, tls: string, problems: string[]): string {
  const text = document.text('url').replace(/\/+$/, '');
  if (text === '') return text;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const wrong = (what: string) => problems.push(`STRONGROOM_API url ${what}`);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) wrong('is not a URL that begins with https://');
  else if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    wrong('has a user, a query or a fragment; credentials go into headers, by {admin:…}');
  else if (url.protocol === 'http:' && (tls !== 'disabled' || !LOOPBACK.test(url.hostname)))
    wrong('is not https; http is for a provider on this machine, with STRONGROOM_TLS=disabled');
  else if (url.protocol === 'https:' && tls === 'disabled')
    wrong('is https, and STRONGROOM_TLS is disabled; certificates are always verified, take STRONGROOM_TLS away');
  return text;
}

function readCa(file: string | undefined, problems: string[]): string | undefined {
  if (file === undefined) return undefined;
  try {
    const ca = readFileSync(file, 'utf8');
    if (ca.includes('-----BEGIN CERTIFICATE-----')) return ca;
    problems.push('STRONGROOM_CA_FILE names a file without a PEM certificate');
  } catch {
    problems.push('STRONGROOM_CA_FILE names a file that cannot be read');
  }
  return undefined;
}

function readMembers(secret: Members): ApiDescription['members'] {
  const members = { id: secret.text('id', 'keyId'), key: secret.text('key', 'apiKey') };
  if (members.id === members.key) secret.problem('id and key are the same');
  secret.nothingElse();
  return members;
}

function readKeys(document: Members, mode: ModeName): Keys {
  if (mode === 'slots') {
    const regenerate = readOperation(document, mode, 'regenerate', (own): { readonly key?: string } => {
      const key = own.optionalText('key');
      return key === undefined ? {} : { key };
    });
    return { mode, regenerate: regenerate satisfies RegenerateOperation };
  }
  const revoke = readOperation(document, mode, 'revoke');
  if (mode === 'chosen') return { mode, create: readOperation(document, mode, 'create'), revoke };
  const create: CreateOperation = readOperation(document, mode, 'create', (own) => {
    const paths = { id: own.text('id'), key: own.text('key') };
    if (paths.id !== '' && paths.id === paths.key)
      own.problem(
        'id and key are at the same place; a key that is its own name would be in the address that revokes it',
      );
    return paths;
  });
  const { path, headers, body = null, form = {} } = create;
  return { mode, create, revoke, idempotent: placeholdersIn([path, headers, body, form]).includes('idempotency') };
}

function readList(document: Members, mode: ModeName): ListOperation {
  return readOperation(document, mode, 'list', (own) => {
    const cursor = own.optionalObject('cursor');
    const optional = (name: 'tag' | 'created' | 'key') => {
      const path = own.optionalText(name);
      return path === undefined ? {} : { [name]: path };
    };
    const list = {
      keys: own.optionalText('keys') ?? '',
      id: own.text('id'),
      ...optional('tag'),
      ...optional('created'),
      ...optional('key'),
      only: own.json('only', {}),
      ...(cursor && { cursor: { at: cursor.text('at'), parameter: cursor.text('parameter') } }),
    };
    cursor?.nothingElse();
    return list;
  });
}

function readOperation(document: Members, mode: ModeName, name: OperationName): Operation;
function readOperation<T>(
  document: Members,
  mode: ModeName,
  name: OperationName,
  more: (own: Members) => T,
): Operation & T;
function readOperation<T>(
  document: Members,
  mode: ModeName,
  name: OperationName,
  more?: (own: Members) => T,
): Operation {
  const own = document.object(name);
  const method = own.oneOf('method', METHODS, name === 'list' || name === 'test' ? 'GET' : undefined);
  const path = own.text('path');
  if (path !== '' && !/^\/[!-~]*$/.test(path))
    own.problem('path does not begin with a slash, or has characters other than printable ASCII');
  const headers = own.texts('headers');
  for (const header of Object.keys(headers)) {
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(header))
      own.problem(`headers has ${JSON.stringify(header)}, which is not the name of a header`);
  }
  const body = own.optionalJson('body');
  const form = own.optionalTexts('form');
  if (body !== undefined && form !== undefined) own.problem('has both a body and a form; one of them is sent');
  const statuses = readStatuses(own.optionalObject('statuses'), name);
  checkPlaceholders(own, KNOWN[mode][name] ?? [], name !== 'test', path, [headers, body ?? null, form ?? {}]);
  const operation = {
    method,
    path,
    headers,
    ...(body === undefined ? {} : { body }),
    ...(form === undefined ? {} : { form }),
    statuses,
  };
  const extended = more ? { ...operation, ...more(own) } : operation;
  own.nothingElse();
  return extended;
}

function readStatuses(statuses: Members | undefined, name: OperationName): ReadonlyMap<number, Meaning> {
  const result = new Map<number, Meaning>();
  if (!statuses) return result;
  for (const meaning of [...MEANINGS[name], 'refused'] as const) {
    for (const status of statuses.numbers(meaning)) {
      // 408, 425, 429 and all from 500 on are a provider's own trouble, and say nothing about a key.
      const [from, to] = meaning === 'done' ? [200, 499] : [400, 499];
      if (status < from || status > to || [408, 425, 429].includes(status))
        statuses.problem(`${meaning} has ${status}; from ${from} to ${to}, but for 408, 425 and 429`);
      result.set(status, meaning);
    }
  }
  statuses.nothingElse();
  return result;
}

function checkPlaceholders(own: Members, known: readonly string[], admin: boolean, path: string, rest: Json): void {
  const refused = (name: string, allowed: readonly string[]) =>
    !allowed.includes(name) && !(admin && isAdminPlaceholder(name));
  for (const name of placeholdersIn(path)) {
    if (NEVER_IN_PATHS.includes(name) || name.startsWith('admin'))
      own.problem(`path has {${name}}; a credential in an address ends in logs, put it into a header`);
    else if (refused(name, known)) own.problem(`path has {${name}}, not one of ${listed(known)}`);
  }
  for (const name of placeholdersIn(rest)) {
    if (refused(name, known)) {
      own.problem(`has {${name}}, not one of ${listed(known)}${admin ? ', {admin:…}, {admin-basic:…:…}' : ''}`);
    }
  }
}

function isAdminPlaceholder(name: string): boolean {
  return /^admin:[^:]+$/.test(name) || /^admin-basic:[^:]+:[^:]+$/.test(name);
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `{${name}}`).join(', ');
}

/** What is right in itself, and wrong together. */
function contradictions({ keys, list, exclusive, test }: ApiDescription): string[] {
  const problems: string[] = [];
  const wrong = (what: string) => problems.push(`STRONGROOM_API ${what}`);
  const uses = (operation: Operation, name: string) => {
    const { path, headers, body = null, form = {} } = operation;
    return placeholdersIn([path, headers, body, form]).includes(name);
  };
  if (!uses(test, 'key') && !uses(test, 'basic')) wrong('test does not use {key}, and would prove nothing');
  if (keys.mode === 'slots') {
    if (!uses(keys.regenerate, 'id')) wrong('regenerate does not use {id}, and could not say which slot');
    if (keys.regenerate.key === undefined && list.key === undefined)
      wrong('has neither regenerate.key nor list.key, and the new key could not be found');
    return problems;
  }
  if (!uses(keys.revoke, 'id')) wrong('revoke does not use {id}, and could not say which key');
  if (keys.mode === 'chosen') {
    if (!uses(keys.create, 'key') || !uses(keys.create, 'tag')) wrong('create does not use {key} and {tag}');
    return problems;
  }
  if ([...keys.create.statuses.values()].includes('exists'))
    wrong(
      'create: statuses: exists is for keys that are chosen here; a provider that makes the key has none to show again',
    );
  const named = list.tag !== undefined && uses(keys.create, 'tag');
  if (!named && !keys.idempotent && !exclusive) {
    wrong(
      'has no list.tag with {tag} in create, no {idempotency} in create, and is not exclusive: nobody could find the key of an interrupted rotation',
    );
  }
  return problems;
}
