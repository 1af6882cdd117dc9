import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../drill/servers/free-port';

/** AWS on loopback: moto's server, which keeps everything in its own memory. */
export interface Moto {
  /** Such as `http://127.0.0.1:5000`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Milliseconds that moto gets to import itself and listen. */
const START = 90_000;

/**
 * Starts moto on a free port.
 *
 * @param account - the account that every credential belongs to
 */
export async function startMoto(binary: string, account: string): Promise<Moto> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(binary, ['-H', '127.0.0.1', '-p', String(port)], {
    env: { ...withoutAws(process.env), MOTO_ACCOUNT_ID: account },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-20_000);
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    await Promise.race([ended, sleep(5_000)]);
    child.kill('SIGKILL');
    await ended;
  };
  const deadline = Date.now() + START;
  while (Date.now() < deadline && child.exitCode === null) {
    if (await answers(url)) {
      await withoutContainers(url);
      return { url, stop };
    }
    await sleep(200);
  }
  await stop();
  throw new Error(`moto did not come up at ${url}:\n${log}`);
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/moto-api/data.json`)).ok;
  } catch {
    return false;
  }
}

/** Lambda functions then answer by themselves, where moto would look for Docker and an image. */
async function withoutContainers(url: string): Promise<void> {
  const body = JSON.stringify({ lambda: { use_docker: false }, batch: { use_docker: false } });
  const response = await fetch(`${url}/moto-api/config`, { method: 'POST', body });
  if (!response.ok) throw new Error(`moto refused its configuration: ${response.status}`);
}

/** moto must never reach out with a user's credentials, nor be turned by a user's settings. */
function withoutAws(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(AWS|MOTO)_/.test(name)));
}
