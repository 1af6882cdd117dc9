/** Each searched version can cost one failed login more. */
const MOST_SEARCHED_VERSIONS = 3;

/** Where readers are shut out between the change and the move of the label, so that a quick move helps them. */
const GAINS_FROM_FAST_CUTOVER: readonly string[] = ['postgres-single-user'];

/** Where the live password can be in a version that has lost its labels, and is not simply set anew. */
const SEARCHES: readonly string[] = ['postgres-single-user'];

/** How the engine goes through the steps of a rotation. */
export interface StepOptions {
  /** Whether setSecret makes the pending version current itself, as soon as it is proved. @default false */
  readonly fastCutover: boolean;
  /** Whether a staging label is on the version whose password the database may have while it isn't current. @default 'label' */
  readonly ledger: 'label' | 'none';
  /** How many of the newest versions without a label are tried when no other password works. @default 0 */
  readonly searchVersions: number;
}

/** A variable that was read if it is there and right; what is wrong with it is noted. */
export type Check = <T>(
  name: string,
  wrong: (value: string) => string | undefined,
  read: (value: string) => T,
) => T | undefined;

/** Reads the options; what does not fit together is added to the problems. */
export function readStepOptions(
  check: Check,
  rotator: string | undefined,
  superuser: boolean,
  problems: string[],
): StepOptions {
  const fastCutover = check('STRONGROOM_FAST_CUTOVER', oneOf('on', 'off'), (value) => value === 'on') ?? false;
  const ledger =
    check('STRONGROOM_LEDGER', oneOf('label', 'none'), (value) => (value === 'none' ? 'none' : 'label')) ?? 'label';
  const searchVersions = check('STRONGROOM_SEARCH_VERSIONS', notANumberOfVersions, Number) ?? 0;
  if (fastCutover && rotator !== undefined && !GAINS_FROM_FAST_CUTOVER.includes(rotator)) {
    problems.push(`STRONGROOM_FAST_CUTOVER is on, and with ${rotator} no reader is shut out; take it away`);
  }
  if (searchVersions > 0 && rotator !== undefined && !SEARCHES.includes(rotator)) {
    problems.push(`STRONGROOM_SEARCH_VERSIONS is ${searchVersions}, and ${rotator} never searches; take it away`);
  }
  if (ledger === 'none' && searchVersions === 0 && !superuser) {
    problems.push(
      'STRONGROOM_LEDGER is none, and nothing else finds the password of an abandoned rotation; ' +
        'set STRONGROOM_SEARCH_VERSIONS to 1 or more, or STRONGROOM_SUPERUSER_SECRET',
    );
  }
  return { fastCutover, ledger, searchVersions };
}

function oneOf(...allowed: readonly string[]) {
  return (value: string) =>
    allowed.includes(value) ? undefined : `is ${JSON.stringify(value)}, not ${allowed.join(' or ')}`;
}

function notANumberOfVersions(value: string): string | undefined {
  return /^\d$/.test(value) && Number(value) <= MOST_SEARCHED_VERSIONS
    ? undefined
    : `is ${JSON.stringify(value)}, not a whole number from 0 to ${MOST_SEARCHED_VERSIONS}`;
}
