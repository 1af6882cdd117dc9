import type { Generator } from './generator';
import { NETWORK_FAULTS, type NetworkFault } from './network';
import type { Fault } from './options';

/**
 * What happens to one rotation, and where. A place is a share, from 0 to 1, of what an undisturbed rotation has: of its
 * calls, connections and statements, of its calls of one operation, of what it sends to the database.
 */
export type Planned =
  | { readonly fault: 'none' }
  | { readonly fault: 'crash' | 'restart'; readonly place: number }
  | { readonly fault: 'throttle' | 'lost-reply'; readonly operation: FaultyOperation; readonly place: number }
  | { readonly fault: 'network'; readonly how: NetworkFault; readonly place: number }
  | { readonly fault: 'duplicate' }
  | { readonly fault: 'by-hand'; readonly beforeStep: (typeof STEPS)[number] };

/** Operations that only the rotation function calls: clients read values, and their calls must not shift a fault. */
export const FAULTY_OPERATIONS = ['DescribeSecret', 'PutSecretValue', 'UpdateSecretVersionStage'] as const;

export type FaultyOperation = (typeof FAULTY_OPERATIONS)[number];

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

/** Two of three rotations have a fault. */
const UNDISTURBED = 1 / 3;

/** The faults of a run, one a rotation: the same for the same seed. */
export function planFaults(rotations: number, faults: readonly Fault[], random: Generator): readonly Planned[] {
  return Array.from({ length: rotations }, () => {
    const disturbed = random.next() >= UNDISTURBED;
    return disturbed && faults.length > 0 ? planned(random.pick(faults), random) : { fault: 'none' };
  });
}

/** The nth of so many, from 1, that a place means. */
export function nth(place: number, of: number): number {
  return Math.min(of, 1 + Math.floor(place * of));
}

function planned(fault: Fault, random: Generator): Planned {
  switch (fault) {
    case 'crash':
    case 'restart':
      return { fault, place: random.next() };
    case 'throttle':
    case 'lost-reply':
      return { fault, operation: random.pick(FAULTY_OPERATIONS), place: random.next() };
    case 'network':
      return { fault, how: random.pick(NETWORK_FAULTS), place: random.next() };
    case 'by-hand':
      return { fault, beforeStep: random.pick(STEPS) };
    case 'duplicate':
      return { fault };
  }
}
