import { type SecretsManagerServer, startSecretsManager } from '../../../emulator/server';
import type { StackFile, StackJson } from '../stack-file';
import { startMoto } from './moto';
import { type RandomStandIn, startRandomStandIn } from './random-stand-in';
import { startRdsRelay } from './rds-relay';
import type { AwsOnLoopback, RotationFunctions } from './rotation-functions';
import { Workspace } from './terraform';
import type { Tools } from './tools';

/** The account that moto takes when a stack allows any. */
const ANY_ACCOUNT = '123456789012';

/** Everything that one stack needs to be applied: a workspace, AWS on loopback, the random provider. */
export interface Rig {
  readonly stack: StackFile;
  readonly workspace: Workspace;
  /** Values that were generated until now. */
  readonly generated: readonly string[];
  /** Secrets Manager; everything else of AWS is moto. */
  readonly manager: SecretsManagerServer;
  /** What rotates the stack's secrets, if it was asked for. */
  readonly functions: RotationFunctions | undefined;
  stop(): Promise<void>;
}

/** What a stack is met with, besides the servers. */
export interface RigProps {
  /**
   * Changes the stack's JSON before Terraform sees it.
   *
   * @default - none
   */
  readonly transform?: ((json: StackJson) => StackJson) | undefined;
  /**
   * What runs the rotation functions that the stack makes.
   *
   * @default - nothing: a rotation is refused
   */
  readonly functions?: ((aws: AwsOnLoopback) => RotationFunctions) | undefined;
}

/** Starts the servers for one stack and copies it. */
export async function startRig(tools: Tools, stack: StackFile, props: RigProps = {}): Promise<Rig> {
  const { account, region } = whereItGoes(stack.json);
  const moto = await startMoto(tools.moto, account);
  const rds = await startRdsRelay(moto.url);
  const random: RandomStandIn = await startRandomStandIn();
  let functions: RotationFunctions | undefined;
  const anyFunction = async (event: Readonly<Record<string, string>>) => functions?.invoke(event);
  const manager = await startSecretsManager({ account, region, ...(props.functions ? { anyFunction } : {}) });
  functions = props.functions?.({ moto: moto.url, region, manager });
  const workspace = new Workspace(stack, {
    ...{ tools, random, endpoint: moto.url, secretsManager: manager.endpoint, rds: rds.url },
    ...(props.transform === undefined ? {} : { transform: props.transform }),
  });
  return {
    ...{ stack, workspace, manager, functions, generated: random.values },
    stop: async () => {
      await workspace.dispose();
      random.stop();
      await Promise.all([functions?.stop(), manager.close(), rds.stop()]);
      await moto.stop();
    },
  };
}

function whereItGoes(json: StackJson): { readonly account: string; readonly region: string } {
  const provider = json.provider?.aws?.find(({ alias }) => alias === undefined);
  const allowed = provider?.allowed_account_ids;
  const first: unknown = Array.isArray(allowed) ? allowed[0] : undefined;
  if (typeof provider?.region !== 'string') throw new Error('the stack has no provider aws with a region');
  return { account: typeof first === 'string' ? first : ANY_ACCOUNT, region: provider.region };
}
