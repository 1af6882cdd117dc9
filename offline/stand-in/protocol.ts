import type { ServiceClientConstructor } from '@grpc/grpc-js';
import { loadPackageDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';

/** One field: its number, its type, and `*` before the type where it is repeated. */
type Fields = Readonly<Record<string, readonly [number, string]>>;

/** Messages that Terraform's plugin protocol 6 sends and expects; on the wire only numbers and types matter. */
const MESSAGES: Readonly<Record<string, Fields>> = {
  Nothing: {},
  // A value of any type, as MessagePack or as JSON.
  Value: { msgpack: [1, 'bytes'], json: [2, 'bytes'] },
  Step: { attribute_name: [1, 'string'], element_key_string: [2, 'string'], element_key_int: [3, 'int64'] },
  Path: { steps: [1, '*Step'] },
  // Severity 1 is an error, 2 a warning.
  Diagnostic: { severity: [1, 'int32'], summary: [2, 'string'], detail: [3, 'string'], attribute: [4, 'Path'] },
  RawState: { json: [1, 'bytes'] },

  Attribute: {
    name: [1, 'string'],
    type: [2, 'bytes'],
    required: [4, 'bool'],
    optional: [5, 'bool'],
    computed: [6, 'bool'],
    sensitive: [7, 'bool'],
    deprecated: [9, 'bool'],
    nested_type: [10, 'NestedType'],
    write_only: [11, 'bool'],
  },
  NestedType: { attributes: [1, '*Attribute'], nesting: [3, 'int32'] },
  Block: {
    version: [1, 'int64'],
    attributes: [2, '*Attribute'],
    block_types: [3, '*NestedBlock'],
    deprecated: [6, 'bool'],
  },
  NestedBlock: {
    type_name: [1, 'string'],
    block: [2, 'Block'],
    nesting: [3, 'int32'],
    min_items: [4, 'int64'],
    max_items: [5, 'int64'],
  },
  Schema: { version: [1, 'int64'], block: [2, 'Block'] },
  Capabilities: { plan_destroy: [1, 'bool'], get_provider_schema_optional: [2, 'bool'] },
  Schemas: {
    provider: [1, 'Schema'],
    resource_schemas: [2, '{}Schema'],
    data_source_schemas: [3, '{}Schema'],
    diagnostics: [4, '*Diagnostic'],
    server_capabilities: [6, 'Capabilities'],
    ephemeral_resource_schemas: [8, '{}Schema'],
  },

  ProviderConfig: { config: [1, 'Value'] },
  ProviderConfigChecked: { diagnostics: [2, '*Diagnostic'] },
  ConfigureRequest: { terraform_version: [1, 'string'], config: [2, 'Value'] },
  TypedConfig: { type_name: [1, 'string'], config: [2, 'Value'] },
  Diagnostics: { diagnostics: [1, '*Diagnostic'] },
  Stopped: { Error: [1, 'string'] },

  UpgradeRequest: { type_name: [1, 'string'], version: [2, 'int64'], raw_state: [3, 'RawState'] },
  Upgraded: { upgraded_state: [1, 'Value'], diagnostics: [2, '*Diagnostic'] },
  ReadRequest: { type_name: [1, 'string'], current_state: [2, 'Value'], private: [3, 'bytes'] },
  ReadResult: { new_state: [1, 'Value'], diagnostics: [2, '*Diagnostic'], private: [3, 'bytes'] },
  PlanRequest: {
    type_name: [1, 'string'],
    prior_state: [2, 'Value'],
    proposed_new_state: [3, 'Value'],
    config: [4, 'Value'],
    prior_private: [5, 'bytes'],
  },
  Planned: {
    planned_state: [1, 'Value'],
    requires_replace: [2, '*Path'],
    planned_private: [3, 'bytes'],
    diagnostics: [4, '*Diagnostic'],
    legacy_type_system: [5, 'bool'],
  },
  ApplyRequest: {
    type_name: [1, 'string'],
    prior_state: [2, 'Value'],
    planned_state: [3, 'Value'],
    config: [4, 'Value'],
    planned_private: [5, 'bytes'],
  },
  Applied: {
    new_state: [1, 'Value'],
    private: [2, 'bytes'],
    diagnostics: [3, '*Diagnostic'],
    legacy_type_system: [4, 'bool'],
  },
  ImportRequest: { type_name: [1, 'string'], id: [2, 'string'] },
  Imported: { diagnostics: [2, '*Diagnostic'] },
  DataResult: { state: [1, 'Value'], diagnostics: [2, '*Diagnostic'] },

  Timestamp: { seconds: [1, 'int64'], nanos: [2, 'int32'] },
  Opened: { diagnostics: [1, '*Diagnostic'], renew_at: [2, 'Timestamp'], result: [3, 'Value'], private: [4, 'bytes'] },
  Lease: { type_name: [1, 'string'], private: [2, 'bytes'] },
  Renewed: { diagnostics: [1, '*Diagnostic'], renew_at: [2, 'Timestamp'], private: [3, 'bytes'] },
};

/** What Terraform calls: the request's and the answer's message. */
const METHODS: Readonly<Record<string, readonly [string, string]>> = {
  GetProviderSchema: ['Nothing', 'Schemas'],
  ValidateProviderConfig: ['ProviderConfig', 'ProviderConfigChecked'],
  ValidateResourceConfig: ['TypedConfig', 'Diagnostics'],
  ValidateDataResourceConfig: ['TypedConfig', 'Diagnostics'],
  ValidateEphemeralResourceConfig: ['TypedConfig', 'Diagnostics'],
  UpgradeResourceState: ['UpgradeRequest', 'Upgraded'],
  ConfigureProvider: ['ConfigureRequest', 'Diagnostics'],
  ReadResource: ['ReadRequest', 'ReadResult'],
  PlanResourceChange: ['PlanRequest', 'Planned'],
  ApplyResourceChange: ['ApplyRequest', 'Applied'],
  ImportResourceState: ['ImportRequest', 'Imported'],
  ReadDataSource: ['TypedConfig', 'DataResult'],
  OpenEphemeralResource: ['TypedConfig', 'Opened'],
  RenewEphemeralResource: ['Lease', 'Renewed'],
  CloseEphemeralResource: ['Lease', 'Diagnostics'],
  StopProvider: ['Nothing', 'Stopped'],
};

/**
 * The service that a provider offers.
 *
 * @see https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol
 */
export function providerService(): Service {
  made ??= makeService();
  return made;
}

type Service = ServiceClientConstructor['service'];

/** Made once per process: every stand-in offers the same. */
let made: Service | undefined;

function makeService(): Service {
  const messages = Object.entries(MESSAGES).map(([name, fields]) => [
    name,
    { fields: Object.fromEntries(Object.entries(fields).map(([field, [id, type]]) => [field, fieldOf(id, type)])) },
  ]);
  const methods = Object.entries(METHODS).map(([name, [requestType, responseType]]) => [
    name,
    { requestType, responseType },
  ]);
  const json = {
    nested: {
      tfplugin6: {
        nested: { ...Object.fromEntries(messages), Provider: { methods: Object.fromEntries(methods) } },
      },
    },
  };
  const definition = loadPackageDefinition(
    fromJSON(json as Parameters<typeof fromJSON>[0], { keepCase: true, longs: Number, defaults: true }),
  ) as unknown as { readonly tfplugin6: { readonly Provider: ServiceClientConstructor } };
  const { service } = definition.tfplugin6.Provider;
  const { GetProviderSchema: schemas, ...rest } = service;
  return schemas === undefined
    ? service
    : { ...rest, GetProviderSchema: { ...schemas, responseSerialize: once(schemas.responseSerialize) } };
}

/** An engine asks for schemas several times per command; the same answer is written for the wire only once. */
function once(serialize: (answer: object) => Buffer): (answer: object) => Buffer {
  const written = new WeakMap<object, Buffer>();
  return (answer) => {
    const bytes = written.get(answer) ?? serialize(answer);
    written.set(answer, bytes);
    return bytes;
  };
}

function fieldOf(id: number, type: string): object {
  if (type.startsWith('*')) return { id, rule: 'repeated', type: type.slice(1) };
  if (type.startsWith('{}')) return { id, keyType: 'string', type: type.slice(2) };
  return { id, type };
}
