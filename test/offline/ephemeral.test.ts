import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProviderSchema } from '../../offline/schema';
import { providerService } from '../../offline/stand-in/protocol';
import { type StandIn, startStandIn } from '../../offline/stand-in/provider';
import { fromWire, toWire, type Value } from '../../offline/stand-in/value';
import { temporaryFolder } from '../support/once';
import { engineAtHand, HAS_ENGINE } from './needs-engine';

const RANDOM: ProviderSchema = {
  provider: 'random',
  version: '3.7.2',
  config: {},
  resources: {},
  data_sources: {},
  ephemeral: {
    random_password: {
      attributes: {
        length: { type: 'number', required: true },
        special: { type: 'bool', optional: true, computed: true },
        result: { type: 'string', computed: true, sensitive: true },
      },
    },
  },
};

interface Answer {
  readonly diagnostics?: readonly { readonly summary: string; readonly detail: string }[];
  readonly renew_at: object | null;
  readonly result: { readonly msgpack?: Uint8Array } | null;
}

describe('an ephemeral resource of a stand-in', () => {
  let standIn: StandIn | undefined;
  afterEach(() => standIn?.stop());

  /** Calls a method as an engine does. */
  async function call(method: string, request: object): Promise<Answer> {
    if (standIn === undefined) throw new Error('no stand-in was started');
    const { Addr } = standIn.reattach as { readonly Addr: { readonly String: string } };
    const Client = makeGenericClientConstructor(providerService(), 'Provider');
    const client = new Client(Addr.String, credentials.createInsecure());
    try {
      return await new Promise((resolve, reject) => {
        (client[method] as (request: object, done: (error: unknown, answer: Answer) => void) => void).call(
          client,
          request,
          (error, answer) => (error ? reject(error) : resolve(answer)),
        );
      });
    } finally {
      client.close();
    }
  }

  const open = (config: Value, type_name = 'random_password') =>
    call('OpenEphemeralResource', { type_name, config: toWire(config) });

  it('opens to a value of the right form', async () => {
    standIn = await startStandIn(RANDOM);
    const { result } = await open({ length: 33, special: false, result: null });
    expect(fromWire(result)).toEqual({
      length: 33,
      special: false,
      result: expect.stringMatching(/^[A-Za-z0-9]{33}$/),
    });
  });

  it('asks for no renewal, since nothing of it runs out', async () => {
    standIn = await startStandIn(RANDOM);
    expect((await open({ length: 20, special: null, result: null })).renew_at).toBeFalsy();
  });

  it('is renewed and closed without a complaint', async () => {
    const closed: string[] = [];
    standIn = await startStandIn(RANDOM, { onClose: (type) => closed.push(type) });
    const lease = { type_name: 'random_password', private: new Uint8Array() };
    expect((await call('RenewEphemeralResource', lease)).diagnostics ?? []).toEqual([]);
    expect((await call('CloseEphemeralResource', lease)).diagnostics ?? []).toEqual([]);
    expect(closed).toEqual(['random_password']);
  });

  it.each(['OpenEphemeralResource', 'RenewEphemeralResource', 'CloseEphemeralResource'])(
    '%s complains of a type that there is not',
    async (method) => {
      standIn = await startStandIn(RANDOM);
      const told = await call(method, { type_name: 'random_nonsense', config: toWire({}) }).then(
        ({ diagnostics }) => JSON.stringify(diagnostics),
        String,
      );
      expect(told).toContain('there is no type random_nonsense');
    },
  );

  it.runIf(HAS_ENGINE)('is opened and closed by an engine, each as often', async () => {
    const heard: string[] = [];
    standIn = await startStandIn(RANDOM, {
      onOpen: (type) => heard.push(`open ${type}`),
      onClose: (type) => heard.push(`close ${type}`),
    });
    const source = 'registry.terraform.io/hashicorp/random';
    const folder = temporaryFolder('ephemeral');
    const password = { random_password: { one: { length: 20 }, two: { length: 30 } } };
    const json = { terraform: { required_providers: { random: { source } } }, ephemeral: password };
    writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(json));
    const { binary } = await engineAtHand();
    const env = {
      PATH: process.env.PATH,
      CHECKPOINT_DISABLE: '1',
      TF_REATTACH_PROVIDERS: JSON.stringify({ [source]: standIn.reattach }),
    };
    const run = (...args: readonly string[]) =>
      promisify(execFile)(binary, [...args, '-no-color'], { cwd: folder, env });
    await run('init');
    await run('plan');
    expect(heard.toSorted()).toEqual([
      'close random_password',
      'close random_password',
      'open random_password',
      'open random_password',
    ]);
  });
});
