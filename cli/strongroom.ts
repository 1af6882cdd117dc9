import { Command, CommanderError } from 'commander';
import { PlanImpossible } from '../offline/problem';
import { addPlan } from './plan';

const program = new Command('strongroom').description('what Strongroom does besides synthesizing').exitOverride();
addPlan(program);

program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`error: ${error instanceof PlanImpossible ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
});
