import { createHash } from 'node:crypto';
import { Server, ServerCredentials, type sendUnaryData, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { AttributeSchema, BlockSchema, ProviderSchema } from '../schema';
import { type DefaultTags, defaultTagsOf } from './aws-tags';
import { defaultsOf } from './defaults';
import { ephemeralProblems, openEphemeral } from './ephemeral';
import { madeUp, type Origin } from './made-up';
import { complete, type ProviderRules, planChange, type Step } from './planning';
import { providerService } from './protocol';
import { fromState, fromWire, isMembers, textIn, toWire, UNKNOWN, type Value } from './value';
import { wireSchema } from './wire-schema';

/** A provider that stands in for a real one, in this process. */
export interface StandIn {
  /** For `TF_REATTACH_PROVIDERS`: the engine then neither looks for a plugin nor starts one. */
  readonly reattach: object;
  stop(): void;
}

/** What a stand-in does besides answering. */
export interface StandInHooks {
  /** Hears every ephemeral value that is handed out. */
  readonly onOpen?: (type: string, result: Value) => void;
  /** Hears of every ephemeral value that is given back. */
  readonly onClose?: (type: string) => void;
}

/** What is kept of a provider block. */
interface Configured {
  readonly tags?: DefaultTags | undefined;
  readonly subscription?: string | undefined;
}

type Wire = { readonly msgpack?: Uint8Array } | null;

interface Request {
  readonly type_name: string;
  readonly config: Wire;
  readonly prior_state: Wire;
  readonly proposed_new_state: Wire;
  readonly planned_state: Wire;
  readonly current_state: Wire;
  readonly private: Uint8Array;
  readonly raw_state: { readonly json?: Uint8Array } | null;
}

/**
 * Starts a stand-in on a free port of the loopback interface.
 *
 * It lives in the calling process, so an engine must be run without blocking the event loop. It keeps nothing between
 * two calls but what it needs of each connection's provider block: several runs of an engine may share it.
 *
 * @param schema - only these types exist
 */
export async function startStandIn(schema: ProviderSchema, hooks: StandInHooks = {}): Promise<StandIn> {
  const server = new Server({
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    'grpc.enable_channelz': 0,
  });
  server.addService(providerService(), implementation(schema, hooks));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { reattach: reattachTo(port), stop: () => server.forceShutdown() };
}

function reattachTo(port: number): object {
  return {
    Protocol: 'grpc',
    ProtocolVersion: 6,
    Pid: process.pid,
    // Says that the process is not the engine's to end.
    Test: true,
    Addr: { Network: 'tcp', String: `127.0.0.1:${port}` },
  };
}

function implementation(schema: ProviderSchema, { onOpen, onClose }: StandInHooks): UntypedServiceImplementation {
  const nothingWrong = answer(() => ({}));
  const schemas = {
    provider: wireSchema(schema.config),
    resource_schemas: mapped(schema.resources, wireSchema),
    data_source_schemas: mapped(schema.data_sources, wireSchema),
    ephemeral_resource_schemas: mapped(schema.ephemeral, wireSchema),
    // An engine that has them already needs to ask no further instance.
    server_capabilities: { get_provider_schema_optional: true },
  };
  const resource = (type: string) => known(schema.resources, type);
  // Each provider block of each run talks over a connection of its own.
  const configured = new Map<string, Configured>();
  const rules = (type: string, peer: string): ProviderRules => ({
    defaults: defaultsOf(type),
    ...(schema.provider === 'aws' ? { defaultTags: configured.get(peer)?.tags ?? {} } : {}),
  });
  return {
    GetProviderSchema: answer(() => schemas),
    ValidateProviderConfig: nothingWrong,
    ConfigureProvider: answer(({ config }, peer) => {
      const block = fromWire(config);
      configured.set(peer, {
        tags: defaultTagsOf(block),
        subscription: isMembers(block) ? textIn(block, 'subscription_id') : undefined,
      });
      return {};
    }),
    ValidateResourceConfig: nothingWrong,
    ValidateDataResourceConfig: nothingWrong,
    ValidateEphemeralResourceConfig: answer(({ type_name, config }) => ({
      diagnostics: ephemeralProblems(type_name, fromWire(config)).map((detail) => problem(type_name, detail)),
    })),
    UpgradeResourceState: answer(({ type_name, raw_state }) => {
      const json: unknown = JSON.parse(Buffer.from(raw_state?.json ?? []).toString() || 'null');
      return { upgraded_state: toWire(fromState(resource(type_name), json)) };
    }),
    ReadResource: answer((request) => ({ new_state: request.current_state, private: request.private })),
    PlanResourceChange: answer(({ type_name, prior_state, proposed_new_state, config }, peer) => {
      const [prior, proposed, given] = [prior_state, proposed_new_state, config].map(fromWire);
      const planned = planChange(resource(type_name), prior, proposed, given, rules(type_name, peer));
      return {
        planned_state: toWire(planned.state),
        requires_replace: planned.replace.map(wirePath),
        ...withDefaults(type_name),
      };
    }),
    ApplyResourceChange: answer(({ type_name, planned_state, config }, peer) => {
      const planned = fromWire(planned_state);
      if (planned === null) return { new_state: toWire(null) };
      const seed = createHash('sha256').update(toWire(withoutSecrets(resource(type_name), fromWire(config))).msgpack);
      const { subscription } = configured.get(peer) ?? {};
      const make = maker(type_name, { seed: seed.digest('hex'), planned, subscription });
      return { new_state: toWire(complete(resource(type_name), planned, make)), ...withDefaults(type_name) };
    }),
    ImportResourceState: answer(({ type_name }) => ({
      diagnostics: [
        problem(type_name, 'what exists can only be read from the real service; a stand-in imports nothing'),
      ],
    })),
    ReadDataSource: answer(({ type_name, config }) => {
      const data = known(schema.data_sources, type_name);
      const planned = planChange(data, null, fromWire(config), fromWire(config)).state;
      const seed = createHash('sha256').update(toWire(planned).msgpack).digest('hex');
      return { state: toWire(complete(data, planned, maker(type_name, { seed, planned }))) };
    }),
    OpenEphemeralResource: answer(({ type_name, config }) => {
      const { result, problems } = openEphemeral(type_name, known(schema.ephemeral, type_name), fromWire(config));
      if (problems.length > 0) return { diagnostics: problems.map((detail) => problem(type_name, detail)) };
      onOpen?.(type_name, result);
      return { result: toWire(result) };
    }),
    // Nothing that is opened asks to be renewed: what is made up does not run out.
    RenewEphemeralResource: answer(({ type_name }) => {
      known(schema.ephemeral, type_name);
      return {};
    }),
    CloseEphemeralResource: answer(({ type_name }) => {
      known(schema.ephemeral, type_name);
      onClose?.(type_name);
      return {};
    }),
    StopProvider: nothingWrong,
  };
}

/** What is made up for a resource may depend on its configuration, but never on a value that is written only. */
function withoutSecrets(schema: BlockSchema, config: Value): Value {
  if (!isMembers(config)) return config;
  const secret = (name: string) => {
    const attribute = schema.attributes?.[name];
    return attribute?.write_only === true || attribute?.sensitive === true || config[name] === UNKNOWN;
  };
  return Object.fromEntries(Object.entries(config).filter(([name]) => !secret(name)));
}

/** An engine takes the default of an argument that isn't computed only from a provider that says it is of old make. */
function withDefaults(type: string): object {
  return defaultsOf(type).size === 0 ? {} : { legacy_type_system: true };
}

function maker(type: string, origin: Origin): (path: string, attribute: AttributeSchema) => Value {
  return (path, attribute) => madeUp(type, path, attribute, origin);
}

function answer(respond: (request: Request, peer: string) => object) {
  return (call: { readonly request: Request; getPeer(): string }, callback: sendUnaryData<object>) => {
    try {
      callback(null, respond(call.request, call.getPeer()));
    } catch (error) {
      // Only the kind of the mistake: its message might quote a value.
      const detail = error instanceof UnknownType ? error.message : `the stand-in failed: ${(error as Error).name}`;
      callback(null, { diagnostics: [problem('stand-in', detail)] });
    }
  };
}

function problem(type: string, detail: string): object {
  return { severity: 1, summary: `invalid ${type}`, detail };
}

class UnknownType extends Error {}

function known(types: Readonly<Record<string, BlockSchema>>, type: string): BlockSchema {
  const found = types[type];
  if (found === undefined) throw new UnknownType(`there is no type ${type}`);
  return found;
}

function wirePath(path: readonly Step[]): object {
  return {
    steps: path.map((step) => (typeof step === 'number' ? { element_key_int: step } : { attribute_name: step })),
  };
}

function mapped<T, U>(members: Readonly<Record<string, T>>, map: (one: T) => U): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(members).map(([key, one]) => [key, map(one)]));
}
