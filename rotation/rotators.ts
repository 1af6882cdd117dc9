import type { Configuration } from './configuration';
import { type Connect, connect as connectToPostgres } from './postgres/connection';
import type { Rotator } from './rotator';
import { postgresSingleUser } from './rotators/postgres-single-user';

/** What rotators reach the world with; tests replace it. */
export interface Reach {
  readonly connect: Connect;
}

const ROTATORS = {
  'postgres-single-user': postgresSingleUser,
} satisfies Record<string, (configuration: Configuration, reach: Reach) => Rotator>;

export type RotatorName = keyof typeof ROTATORS;

export const ROTATOR_NAMES = Object.keys(ROTATORS);

export function isRotatorName(name: string | undefined): name is RotatorName {
  return name !== undefined && Object.hasOwn(ROTATORS, name);
}

export function rotatorFor(configuration: Configuration, reach: Reach = { connect: connectToPostgres }): Rotator {
  return ROTATORS[configuration.rotator](configuration, reach);
}
