import { type SecretsManagerServer, type ServerOptions, startSecretsManager } from '../../emulator/server';
import { send } from '../../rotation/api-key/request';
import { secretsManager } from '../../rotation/secrets-manager';
import { KeyService, type KeyServiceOptions } from '../support/key-service';
import type { CrashPlan } from './crash';
import { makeSubject, type Subject } from './subject';
import { clientOf } from './world';

export type Document = Readonly<Record<string, unknown>>;

export interface KeySubjectOptions extends KeyServiceOptions {
  /** What is changed in the description of the provider. */
  readonly api?: Document;
  readonly mode?: 'create' | 'chosen' | 'slots';
  readonly plan?: CrashPlan;
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Keys manage keys: there is no admin credential. @default false */
  readonly selfManaged?: boolean;
}

export interface KeySubject extends Subject {
  readonly keys: KeyService & { close(): Promise<void> };
  /** Whether the key of a value works. */
  works(value: Readonly<Record<string, unknown>>): boolean;
  /** What the function said, in logs and as errors of rotations. */
  said(): string;
}

export interface KeyWorld {
  readonly manager: SecretsManagerServer;
  /** A provider of its own, a secret with its first key, and the function. */
  subject(options?: KeySubjectOptions): Promise<KeySubject>;
  stop(): Promise<void>;
}

export async function startKeyWorld(options: ServerOptions = {}): Promise<KeyWorld> {
  const manager = await startSecretsManager(options);
  const services: KeySubject['keys'][] = [];
  return {
    manager,
    subject: async (options = {}) => {
      const keys = await KeyService.start({
        now: manager.service.clock.now,
        ...options,
        ...(options.mode === 'slots' ? { slots: ['key1', 'key2'] } : {}),
      });
      services.push(keys);
      return makeKeySubject(manager, keys, options);
    },
    stop: async () => {
      await Promise.all(services.map((service) => service.close()));
      await manager.close();
    },
  };
}

async function makeKeySubject(
  manager: SecretsManagerServer,
  keys: KeySubject['keys'],
  options: KeySubjectOptions,
): Promise<KeySubject> {
  const admin = await manager.service.call('CreateSecret', {
    Name: `admin/${keys.admin}`,
    SecretString: JSON.stringify({ apiKey: keys.admin }),
  });
  const first = options.mode === 'slots' ? keys.keys[0] : keys.add('made by hand');
  const store = secretsManager(clientOf(manager));
  const { plan } = options;
  const subject = await makeSubject(manager, {
    seed: { keyId: first?.id, password: first?.key, endpoint: keys.url },
    variables: {
      STRONGROOM_ROTATOR: 'http-api-key',
      STRONGROOM_API: JSON.stringify({ ...describedAs(keys.url, options), ...options.api }),
      STRONGROOM_TLS: options.tls ? undefined : 'disabled',
      STRONGROOM_GRACE_SECONDS: '0',
      ...(options.selfManaged ? {} : { STRONGROOM_SUPERUSER_SECRET: String(admin.ARN) }),
      ...options.variables,
    },
    store: plan?.store(store) ?? store,
    reach: plan ? { send: (request, deadline) => plan.around(request.place, () => send(request, deadline)) } : {},
  });
  return Object.assign(subject, {
    keys,
    works: ({ password }: Readonly<Record<string, unknown>>) => keys.accepts(password),
    said: () =>
      [
        ...subject.lines,
        ...manager.service.driver.records.map(({ error }) => (error instanceof Error ? `${error.stack}` : '')),
      ].join('\n'),
  });
}

/** How the provider of the tests is described; the name of the key's member is the one that other tests expect. */
export function describedAs(url: string, options: KeySubjectOptions = {}): Document {
  const { mode = 'create', selfManaged = false, idempotent = false, shows = false } = options;
  const authorization = `Bearer {admin:${selfManaged ? 'password' : 'apiKey'}}`;
  const headers = { authorization };
  const test = { path: '/me', headers: { authorization: 'Bearer {key}' } };
  const list = {
    path: '/keys',
    headers,
    keys: 'data',
    id: 'id',
    created: 'created',
    only: { status: 'active' },
    ...(shows ? { key: 'key' } : {}),
  };
  const secret = { key: 'password' };
  if (mode === 'slots') {
    const regenerate = { method: 'POST', path: '/keys/{id}/regenerate', headers, key: 'secret' };
    return { url, mode, secret, list, test, regenerate };
  }
  const own = { method: 'POST', path: '/keys', headers: { authorization } };
  const create =
    mode === 'chosen'
      ? { ...own, body: { name: '{tag}', key: '{key}' }, statuses: { exists: [409], limit: [422] } }
      : {
          ...own,
          headers: { authorization, ...(idempotent ? { 'Idempotency-Key': '{idempotency}' } : {}) },
          body: { name: '{tag}' },
          id: 'id',
          key: 'secret',
          statuses: { limit: [422] },
        };
  const revoke = { method: 'DELETE', path: '/keys/{id}', headers };
  return { url, mode, secret, list: { ...list, tag: 'name' }, test, create, revoke };
}
