import { throttled } from '../emulator/errors';
import { ReplyLost } from '../emulator/server';
import type { Hook, SecretsManagerService } from '../emulator/service';
import type { CrashPlan } from './crash-plan';
import { type FaultyOperation, nth, type Planned } from './fault-plan';
import type { Network } from './network';

/** As many as the SDK's tries, so that a step fails and the service has to begin again. */
export const THROTTLED_CALLS = 3;

/** How much there is of each in an undisturbed rotation. */
export interface Extent {
  readonly points: number;
  readonly operations: Readonly<Record<FaultyOperation, number>>;
  /** How often the function sends something to the database. */
  readonly sent: number;
}

/** What a fault can be done to. */
export interface Scene {
  readonly service: SecretsManagerService;
  readonly plan: CrashPlan;
  readonly network: Network;
  readonly arn: string;
  restartDatabase(): Promise<void>;
  /** Called before every step of the function. */
  beforeStep: ((step: string) => Promise<void>) | undefined;
}

/** A fault that waits for its place. */
export interface Strike {
  struck(): boolean;
  lift(): void;
}

/** Lays the fault out for the rotation that comes. */
export function lay(scene: Scene, planned: Planned, extent: Extent): Strike {
  const { service, plan, network } = scene;
  let hits = 0;
  const hit = () => {
    hits++;
  };
  plan.arm(0);
  network.arm(0);
  switch (planned.fault) {
    case 'none':
      break;
    case 'crash':
      plan.arm(nth(planned.place, extent.points));
      break;
    case 'restart':
      plan.arm(nth(planned.place, extent.points), () => scene.restartDatabase());
      break;
    case 'network':
      network.arm(nth(planned.place, extent.sent), planned.how);
      break;
    case 'throttle':
      service.before = from(planned.operation, nth(planned.place, extent.operations[planned.operation]), (over) => {
        if (hits >= THROTTLED_CALLS || over < 0) return;
        hit();
        throw throttled();
      });
      break;
    case 'lost-reply':
      service.after = from(planned.operation, nth(planned.place, extent.operations[planned.operation]), (over) => {
        if (over !== 0) return;
        hit();
        throw new ReplyLost();
      });
      break;
    case 'duplicate':
      service.driver.deliveries = 2;
      hit();
      break;
    case 'by-hand':
      scene.beforeStep = async (step) => {
        if (step !== planned.beforeStep || hits > 0) return;
        hit();
        await writeAgain(scene);
      };
  }
  return {
    struck: () => hits > 0 || plan.crashed || network.struck,
    lift: () => {
      plan.arm(0);
      network.arm(0);
      service.before = undefined;
      service.after = undefined;
      scene.beforeStep = undefined;
      service.driver.deliveries = 1;
    },
  };
}

/** A hook that is told how many calls of the operation there were since the nth. */
function from(operation: FaultyOperation, place: number, act: (over: number) => void): Hook {
  let calls = 0;
  return (called) => {
    if (called === operation) act(++calls - place);
  };
}

/** What a person does who means no harm: the value that is current becomes current again. */
async function writeAgain({ service, arn }: Scene): Promise<void> {
  const { SecretString } = await service.call('GetSecretValue', { SecretId: arn });
  await service.call('PutSecretValue', { SecretId: arn, SecretString });
}
