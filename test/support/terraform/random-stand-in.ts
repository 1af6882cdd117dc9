import { join } from 'node:path';
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { decode, encode } from '@msgpack/msgpack';
import { makePassword, passwordProblems, withDefaults } from '../../../offline/stand-in/random-password';
import { RANDOM_PASSWORD } from './random-schema';

const ADDRESS = 'registry.terraform.io/hashicorp/random';
const TYPE = 'random_password';

/** A provider hashicorp/random in this process, of which Terraform sees nothing but its ephemeral `random_password`. */
export interface RandomStandIn {
  /** For `TF_REATTACH_PROVIDERS`: Terraform then neither looks for a plugin nor starts one. */
  readonly reattach: string;
  /** Every value handed out until now, in order. */
  readonly values: readonly string[];
  stop(): void;
}

interface TypedConfig {
  readonly type: string;
  readonly config: { readonly msgpack: Uint8Array };
}

/**
 * Starts the provider on a free port of the loopback interface.
 *
 * It lives in the calling process, so Terraform must be run without blocking the event loop.
 */
export async function startRandomStandIn(): Promise<RandomStandIn> {
  const values: string[] = [];
  const server = new Server();
  server.addService(providerService(), implementation(values));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { reattach: reattachTo(port), values, stop: () => server.forceShutdown() };
}

function reattachTo(port: number): string {
  return JSON.stringify({
    [ADDRESS]: {
      Protocol: 'grpc',
      ProtocolVersion: 6,
      Pid: process.pid,
      // Says that the process is not Terraform's to end.
      Test: true,
      Addr: { Network: 'tcp', String: `127.0.0.1:${port}` },
    },
  });
}

function providerService(): ServiceClientConstructor['service'] {
  const definition = loadPackageDefinition(
    loadSync(join(__dirname, 'provider.proto'), { keepCase: true, longs: Number, defaults: true }),
  ) as unknown as { readonly tfplugin6: { readonly Provider: ServiceClientConstructor } };
  return definition.tfplugin6.Provider.service;
}

function implementation(values: string[]): UntypedServiceImplementation {
  const nothingWrong = answer(() => ({}));
  return {
    GetProviderSchema: answer(() => ({
      provider: { block: {} },
      ephemeral: { [TYPE]: { block: { attributes: RANDOM_PASSWORD.map(onTheWire) } } },
    })),
    ValidateProviderConfig: nothingWrong,
    ConfigureProvider: nothingWrong,
    ValidateEphemeralResourceConfig: answer((request) => ({ problems: problemsOf(request) })),
    OpenEphemeralResource: answer((request) => {
      const problems = problemsOf(request);
      if (problems.length > 0) return { problems };
      const config = withDefaults(configOf(request));
      const result = makePassword(config);
      values.push(result);
      return { result: { msgpack: encode({ ...config, result }) } };
    }),
    RenewEphemeralResource: nothingWrong,
    CloseEphemeralResource: nothingWrong,
    StopProvider: nothingWrong,
  };
}

function answer(respond: (request: TypedConfig) => object) {
  return (call: { readonly request: TypedConfig }, callback: sendUnaryData<object>) =>
    callback(null, respond(call.request));
}

function onTheWire(attribute: (typeof RANDOM_PASSWORD)[number]): object {
  return { ...attribute, type: Buffer.from(JSON.stringify(attribute.type)) };
}

function problemsOf(request: TypedConfig): readonly object[] {
  const config = configOf(request);
  // A value that is not known yet arrives as a MessagePack extension and is checked when it is.
  const unknown = Object.values(config).some((value) => typeof value === 'object' && value !== null);
  if (unknown) return [];
  return passwordProblems(withDefaults(config)).map((detail) => ({
    severity: 1,
    summary: `invalid ${request.type}`,
    detail,
  }));
}

function configOf(request: TypedConfig): Readonly<Record<string, unknown>> {
  return decode(request.config.msgpack) as Record<string, unknown>;
}
