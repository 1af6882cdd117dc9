import type { StackFile, StackJson } from '../stack-file';
import { type Moto, startMoto } from './moto';
import { type RandomStandIn, startRandomStandIn } from './random-stand-in';
import { SecretStore } from './secret-store';
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
  readonly secrets: SecretStore;
  stop(): Promise<void>;
}

/** Starts the servers for one stack and copies it. */
export async function startRig(
  tools: Tools,
  stack: StackFile,
  transform: (json: StackJson) => StackJson = (same) => same,
): Promise<Rig> {
  const { account, region } = whereItGoes(stack.json);
  const moto: Moto = await startMoto(tools.moto, account);
  const random: RandomStandIn = await startRandomStandIn();
  const workspace = new Workspace(stack, { tools, random, endpoint: moto.url, transform });
  const secrets = new SecretStore(moto.url, region);
  return {
    stack,
    workspace,
    generated: random.values,
    secrets,
    stop: async () => {
      secrets.close();
      random.stop();
      await moto.stop();
      workspace.dispose();
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
