import type { Generator } from './generator';
import type { Fault } from './options';

/** What happens to one rotation, and where. */
export type Planned =
  | { readonly fault: 'none' }
  | { readonly fault: 'crash'; readonly point: number }
  | { readonly fault: 'throttle' | 'lost-reply'; readonly operation: FaultyOperation; readonly call: number }
  | { readonly fault: 'duplicate' }
  | { readonly fault: 'by-hand'; readonly beforeStep: (typeof STEPS)[number] };

/** Operations that only the rotation function calls: clients read values, and their calls must not shift a fault. */
export const FAULTY_OPERATIONS = ['DescribeSecret', 'PutSecretValue', 'UpdateSecretVersionStage'] as const;

export type FaultyOperation = (typeof FAULTY_OPERATIONS)[number];

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

/** More than the points of any rotator, so that every one of them can be hit; a point past the end hits nothing. */
const CRASH_POINTS = 40;

/** How often an operation is called in a rotation, at most. */
const CALLS: Readonly<Record<FaultyOperation, number>> = {
  DescribeSecret: 4,
  PutSecretValue: 1,
  UpdateSecretVersionStage: 3,
};

/** Two of three rotations have a fault. */
const UNDISTURBED = 1 / 3;

/** The faults of a run, one a rotation: the same for the same seed. */
export function planFaults(rotations: number, faults: readonly Fault[], random: Generator): readonly Planned[] {
  return Array.from({ length: rotations }, () => {
    const disturbed = random.next() >= UNDISTURBED;
    return disturbed && faults.length > 0 ? planned(random.pick(faults), random) : { fault: 'none' };
  });
}

function planned(fault: Fault, random: Generator): Planned {
  switch (fault) {
    case 'crash':
      return { fault, point: 1 + random.below(CRASH_POINTS) };
    case 'throttle':
    case 'lost-reply': {
      const operation = random.pick(FAULTY_OPERATIONS);
      return { fault, operation, call: 1 + random.below(CALLS[operation]) };
    }
    case 'by-hand':
      return { fault, beforeStep: random.pick(STEPS) };
    case 'duplicate':
      return { fault };
  }
}
