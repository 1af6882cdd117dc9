import { type ChildProcess, spawn } from 'node:child_process';
import { environmentOf } from './packed';

export interface ContainerOptions {
  /** Where the packed function was unpacked to. */
  readonly folder: string;
  /** Of Secrets Manager. */
  readonly endpoint: string;
  /** Environment variables of the function. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** JavaScript that runs before the function is loaded. @default nothing */
  readonly before?: string;
}

/** What the process does: one event after the other is answered by how the handler ended. */
const RUNTIME = `
  const { handler } = require('./index.js');
  const context = { getRemainingTimeInMillis: () => 60_000 };
  process.on('message', (event) => handler(event, context).then(
    () => process.send({}),
    ({ name, message }) => process.send({ name, message }),
  ));`;

/** Runs the packed function as Lambda does: one process, which stays from one invocation to the next until it is killed. */
export class Container {
  /** What the function has written, a line each. */
  readonly lines: string[] = [];
  /** How many processes there were. */
  started = 0;
  private child: ChildProcess | undefined;

  constructor(private readonly options: ContainerOptions) {}

  /** Of the process that there is now. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** One event; rejects with the function's error, or when the process goes away. */
  readonly invoke = async (event: unknown): Promise<void> => {
    this.child ??= this.start();
    const { child } = this;
    const answer = await new Promise<{ readonly name?: string; readonly message?: string }>((resolve) => {
      const gone = () => resolve({ name: 'Gone', message: 'the process is gone' });
      child.once('exit', gone);
      child.once('message', (said) => {
        child.removeListener('exit', gone);
        resolve(said as object);
      });
      child.send(event as object, (error) => {
        if (error) gone();
      });
    });
    if (answer.name !== undefined) throw Object.assign(new Error(answer.message), { name: answer.name });
  };

  /** Ends the process as Lambda does when it has used too much memory; resolves when it is gone. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  private start(): ChildProcess {
    this.started++;
    const { folder, endpoint, variables, before = '' } = this.options;
    const child = spawn(process.execPath, ['--no-warnings', '--eval', before + RUNTIME], {
      cwd: folder,
      env: { ...environmentOf(endpoint), ...variables },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.lines.push(...text.split('\n').filter((line) => line !== ''));
    });
    return child;
  }
}
