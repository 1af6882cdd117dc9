import { PlanImpossible } from './problem';
import type { SynthesizedStack } from './synthesized';

/** Some stacks of an app, seen from what is deployed of the others. */
export interface ChosenStacks {
  readonly chosen: readonly SynthesizedStack[];
  readonly others: readonly SynthesizedStack[];
  readonly isDeployed: (stack: SynthesizedStack) => boolean;
}

/** @throws PlanImpossible where a chosen stack needs one that is neither chosen nor deployed */
export function checkDeployable({ chosen, others, isDeployed }: ChosenStacks): void {
  const absent = idsOf(others.filter((stack) => !isDeployed(stack)));
  for (const { id, dependencies } of chosen) {
    const lacking = dependencies.filter((one) => absent.has(one));
    if (lacking.length === 0) continue;
    throw new PlanImpossible(`${id} depends on ${lacking.join(', ')}, not deployed here; choose them together`);
  }
}

/** @throws PlanImpossible where a chosen stack is needed by one that is deployed and not chosen */
export function checkDestroyable({ chosen, others, isDeployed }: ChosenStacks): void {
  const going = idsOf(chosen);
  for (const { id, dependencies } of others.filter(isDeployed)) {
    const needed = dependencies.filter((one) => going.has(one));
    if (needed.length === 0) continue;
    throw new PlanImpossible(
      `${id} is deployed here and depends on ${needed.join(', ')}; destroy it first, or with it`,
    );
  }
}

function idsOf(stacks: readonly SynthesizedStack[]): ReadonlySet<string> {
  return new Set(stacks.map(({ id }) => id));
}
