#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { PlanImpossible } from '../offline/problem';
import { addDoctor, EXIT } from './doctor';
import { addPlan } from './plan';
import { addSandbox } from './sandbox';
import { addSchemas } from './schemas';

/** The whole command line. Every subcommand lives in a file of its own that adds it to the program. */
export function strongroom(
  write: (text: string) => void,
  exit: (code: number) => void,
  tell: (text: string) => void = (text) => process.stderr.write(`${text}\n`),
): Command {
  const program = new Command('strongroom')
    .description('look after secrets that Strongroom declared')
    .configureOutput({ writeOut: (text) => write(text.trimEnd()) })
    .exitOverride();
  addDoctor(program, write, exit, tell);
  addPlan(program);
  addSandbox(program);
  addSchemas(program);
  return program;
}

async function main(): Promise<void> {
  // Else the AWS SDK writes seven lines about its own future, on Node 20, above what was found.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  // Whoever reads the first lines only, through a pipe, is done.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    process.stderr.write(`error: standard output takes no more: ${error.message}\n`);
    process.exit(EXIT.usage);
  });
  const program = strongroom(
    (text) => process.stdout.write(`${text}\n`),
    (code) => {
      process.exitCode = code;
    },
  );
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      // What is wrong, or the help, is printed already.
      process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
      return;
    }
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof PlanImpossible ? EXIT.usage : EXIT.notExamined;
  }
}

if (require.main === module) void main();
