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
  readonly cwd: string;
  /** The whole environment of the command: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds until the command is interrupted. */
  readonly timeout: number;
}

/** Milliseconds that an interrupted command gets to end by itself. */
const GRACE = 5_000;

/** Process groups that run now; an engine's plugins are members of its group. */
const running = new Set<number>();

/**
 * Runs a command to its end without blocking the event loop, and never through a shell.
 *
 * The command leads a process group of its own, and what is left of the group when the command has ended is killed:
 * plugins outlive an engine that was killed.
 */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      cwd: options.cwd,
      env: { ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const group = child.pid;
    if (group !== undefined) running.add(group);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    let kill: NodeJS.Timeout | undefined;
    const interrupt = setTimeout(() => {
      err.push(Buffer.from(`\ninterrupted after ${options.timeout} ms\n`));
      signal(group, 'SIGINT');
      kill = setTimeout(() => signal(group, 'SIGKILL'), GRACE);
    }, options.timeout);
    const done = () => {
      clearTimeout(interrupt);
      clearTimeout(kill);
      signal(group, 'SIGKILL');
      if (group !== undefined) running.delete(group);
    };
    child.on('error', (error) => {
      done();
      reject(error);
    });
    // Plugins hold the pipes open when an engine was killed, so its exit counts and not the end of the pipes.
    child.on('exit', () => signal(group, 'SIGKILL'));
    child.on('close', (code) => {
      done();
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
  });
}

/** Ends every command that runs now, and its plugins. */
export function stopEverything(): void {
  for (const group of running) signal(group, 'SIGKILL');
  running.clear();
}

function signal(group: number | undefined, name: NodeJS.Signals): void {
  if (group === undefined) return;
  try {
    process.kill(-group, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The first sentence of an error that an engine prints for people. */
export function firstError({ stdout, stderr }: Outcome): string {
  const text = `${stderr}\n${stdout}`.replace(/[│╷╵]/g, ' ');
  const from = text.indexOf('Error:');
  return (from < 0 ? text : text.slice(from)).replace(/\s+/g, ' ').trim().slice(0, 400) || 'it printed nothing';
}
