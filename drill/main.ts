import { CommanderError } from 'commander';
import { drillCommand } from './options';
import { drillReport, progressBar } from './report';
import { runDrill } from './run';

async function main(): Promise<void> {
  // Else the AWS SDK writes seven lines about its own future, on Node 20, into the progress bar.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const command = drillCommand(async (options) => {
    const bar = process.stderr.isTTY
      ? (done: number) => process.stderr.write(`\r${progressBar(done, options.rotations)}`)
      : undefined;
    bar?.(0);
    const result = await runDrill(options, bar);
    if (bar) process.stderr.write('\r\u001b[K');
    process.stdout.write(`${options.json ? JSON.stringify(result, undefined, 2) : drillReport(result)}\n`);
    if (result.problems.length > 0) process.exitCode = 1;
  });
  await command.parseAsync();
}

main().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    // What is wrong, or the help, is printed already.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    return;
  }
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
