import { spawn } from 'node:child_process';

/** What a command printed and how it ended. */
export interface Outcome {
  /** The exit code; null when a signal ended the command. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface RunOptions {
  readonly cwd?: string;
  /** The whole environment of the command: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds until the command is interrupted. */
  readonly timeout: number;
}

/** Milliseconds that an interrupted command gets to end by itself. */
const GRACE = 20_000;

/** Runs a command to its end without blocking the event loop, and never through a shell. */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    let kill: NodeJS.Timeout | undefined;
    const interrupt = setTimeout(() => {
      err.push(Buffer.from(`\ninterrupted after ${options.timeout} ms\n`));
      child.kill('SIGINT');
      kill = setTimeout(() => child.kill('SIGKILL'), GRACE);
    }, options.timeout);
    const done = () => {
      clearTimeout(interrupt);
      clearTimeout(kill);
    };
    child.on('error', (error) => {
      done();
      reject(error);
    });
    child.on('close', (code) => {
      done();
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
  });
}
