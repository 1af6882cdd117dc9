import type { SecretsManagerServer } from '../../emulator/server';
import type { Part } from '../support/required';
import type { Subject } from './subject';

export type Value = Readonly<Record<string, unknown>>;

/** A way of rotating, and what it promises. */
export interface Way {
  readonly rotator: string;
  /** Which of its forms, where the rotator has several. */
  readonly form?: string;
  /** Two users in turn. */
  readonly alternating: boolean;
  /** The current and the previous value work all the time. */
  readonly gapless: boolean;
  /** Goes by the user's own password; without a superuser, where nobody asks for one. */
  readonly alone?: true;
}

/** Where secrets are rotated, a server or providers of keys, with its Secrets Manager. */
export interface Place {
  readonly manager: SecretsManagerServer;
  /** Whether time passes by jumps when a step says that it has to wait, for all secrets at once. @default false */
  readonly clockJumps?: boolean;
  /** A new secret, a function that rotates it, and a secret of its own for the superuser, if it has one. */
  subject(way: Way): Promise<Subject>;
  /** Whether a value lets a client in. */
  opens(value: Value): Promise<boolean>;
  /** Fails unless both users of an alternating rotation have the same rights. */
  same(subject: Subject): Promise<void>;
  /** Gives the superuser another credential; returns what its secret must hold now. */
  renewSuperuser(subject: Subject): Promise<Value>;
  /** Where nobody may find a password: every statement that a server has got, or every address that was asked. */
  log(): string;
  stop(): Promise<void>;
}

/** What the tests know of a kind of place before it is there. */
export interface PlaceKind {
  readonly engine: string;
  /** What the machine must have, and why it has not. */
  readonly part?: Exclude<Part, 'schemas'>;
  missing(): string | undefined;
  readonly ways: readonly Way[];
  /** Errors that only say: not yet. */
  readonly waits?: readonly string[];
  /** What is said while the superuser's secret has not what the place has. @default 'SuperuserRefused' */
  readonly refused?: string;
  start(): Promise<Place>;
}

export function titleOf({ rotator, form }: Way): string {
  return form === undefined ? rotator : `${rotator}, ${form}`;
}

/** The secrets that a rotation reads: its own, and that of the superuser. */
export function secretsOf({ arn, variables }: Subject): readonly string[] {
  const superuser = variables.STRONGROOM_SUPERUSER_SECRET;
  return superuser === undefined ? [arn] : [arn, superuser];
}
