import { TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';

/** What a person does after a deploy, as an output of the stack: text with a command, never a value. */
export const NextStep = {
  /**
   * Adds a step to a construct's stack.
   *
   * @param title what the step does, in a few words.
   * @param command the command, with every value read from standard input.
   */
  add(scope: Construct, title: string, command: string): void {
    const id = `next_steps_${scope.node.path.slice(TerraformStack.of(scope).node.path.length + 1).replaceAll(/[^A-Za-z0-9]+/g, '_')}`;
    const output = new TerraformOutput(scope, 'next-step', { description: title, value: command });
    output.overrideLogicalId(id);
  },
} as const;
