import type { Deadline } from './deadline';
import {
  LabelHasMoved,
  NoCurrentValue,
  PasswordNotSet,
  PendingElsewhere,
  RotationAbandoned,
  RotationNotEnabled,
  SecretDeleted,
  VersionAlreadyHasValue,
  VersionHasNoValue,
  VersionNotRegistered,
} from './errors';
import type { RotationEvent } from './event';
import { refuseWithinGrace } from './grace';
import type { Journal } from './log';
import type { Candidate, Rotator } from './rotator';
import { SecretValue } from './secret-value';
import type { SecretDescription, SecretStore } from './secrets-manager';
import type { StepOptions } from './step-options';

/** The ledger: on the version whose password is, or is about to be, set in the database while it is not current yet. */
export const LEDGER_LABEL = 'STRONGROOM_APPLYING';

/** Reads lag behind writes for some seconds at worst, and steps follow each other within milliseconds. */
const LAGGING_READS = { tries: 3, firstPauseMs: 250 };

export interface StepWork {
  readonly event: RotationEvent;
  readonly store: SecretStore;
  readonly rotator: Rotator;
  readonly deadline: Deadline;
  readonly journal: Journal;
  readonly superuserSecret: string | undefined;
  readonly steps: StepOptions;
  /** How long the previous value must have worked before the next rotation may end it, in seconds. */
  readonly graceSeconds: number;
}

/** Runs one step. Each can be run again, at any time, after a crash at any point of itself or of another. */
export async function runStep(work: StepWork): Promise<void> {
  const state = await findState(work);
  if (state === 'replay') {
    work.journal.attempt = 'replay';
    return;
  }
  switch (work.event.step) {
    case 'createSecret':
      return createSecret(work, state);
    case 'setSecret':
      return setSecret(work, state);
    case 'testSecret':
      return testSecret(work, state);
    case 'finishSecret':
      return finishSecret(work, state);
  }
}

/** Which versions have which part in this rotation. */
interface State {
  readonly current: string;
  readonly previous: string | undefined;
  readonly ledger: string | undefined;
  readonly description: SecretDescription;
}

async function createSecret(work: StepWork, state: State): Promise<void> {
  const { text: currentText, created } = await work.store.read(work.event.secretArn, state.current, work.deadline);
  const current = new SecretValue(currentText, 'AWSCURRENT');
  work.rotator.accept(current);
  const existing = await readIfThere(work, work.event.token, 'AWSPENDING');
  if (existing) return work.rotator.agree(current, existing);
  // Only where nothing was made yet: a rotation that has begun goes on.
  if (state.previous !== undefined) refuseWithinGrace(work.graceSeconds, state.description, created);
  const { secretArn, token, rotationToken } = work.event;
  const text = await work.rotator.make(current, {
    secretArn,
    token,
    readPrevious: async () =>
      state.previous === undefined ? undefined : readIfThere(work, state.previous, 'AWSPREVIOUS'),
    readStored: () => readIfThere(work, token, 'AWSPENDING'),
    claim: () => claim(work, state),
    superuser: () => readSuperuser(work),
    deadline: work.deadline,
    journal: work.journal,
  });
  try {
    await work.store.put(
      { secretArn, token, text, ...(rotationToken === undefined ? {} : { rotationToken }) },
      work.deadline,
    );
  } catch (error) {
    if (!(error instanceof VersionAlreadyHasValue)) throw error;
    // Another invocation with this token was first, or our own first try got through: its value counts.
    work.rotator.agree(current, await readPending(work));
  }
}

async function setSecret(work: StepWork, state: State): Promise<void> {
  const { event, deadline, rotator, journal, steps } = work;
  const current = await read(work, state.current, 'AWSCURRENT');
  const pending = await readPending(work);
  rotator.accept(current);
  rotator.agree(current, pending);
  await rotator.set({
    secretArn: event.secretArn,
    token: event.token,
    current,
    readCurrent: async () => current,
    pending,
    first: state.previous === undefined && (state.ledger === undefined || state.ledger === event.token),
    candidates: candidates(work, state, pending),
    announce: async () => {
      if (steps.ledger === 'label') await moveLedger(work, state.ledger);
    },
    proofFollows: steps.fastCutover,
    superuser: () => readSuperuser(work),
    deadline,
    journal,
  });
  if (!steps.fastCutover) return;
  // The later steps find the version current, and do nothing.
  await prove(work, state, pending);
  await promote(work, steps.ledger === 'label' ? { ...state, ledger: event.token } : state);
}

async function testSecret(work: StepWork, state: State): Promise<void> {
  await prove(work, state, await readPending(work));
}

async function prove(work: StepWork, state: State, pending: SecretValue): Promise<void> {
  const { event, deadline, journal } = work;
  await work.rotator.test({
    secretArn: event.secretArn,
    pending,
    readCurrent: () => read(work, state.current, 'AWSCURRENT'),
    deadline,
    journal,
  });
}

async function finishSecret(work: StepWork, state: State): Promise<void> {
  const { token } = work.event;
  // Without this a call from elsewhere, out of turn, could make a password current that no database has.
  if (work.steps.ledger === 'label' && state.ledger !== token) {
    throw new PasswordNotSet(
      `the pending version does not have the label ${LEDGER_LABEL}: setSecret has not run; let Secrets Manager repeat the rotation`,
    );
  }
  await promote(work, state);
}

/** Makes the pending version the current one; then the ledger has no more to say. */
async function promote(work: StepWork, state: State): Promise<void> {
  const { event, store, deadline, journal } = work;
  const { secretArn, token } = event;
  const move = (from: string) => store.moveLabel({ secretArn, label: 'AWSCURRENT', to: token, from }, deadline);
  try {
    await move(state.current);
  } catch (error) {
    if (!(error instanceof LabelHasMoved)) throw error;
    const now = await findState(work);
    // Our own call got through and only its answer was lost.
    if (now !== 'replay') await move(now.current);
  }
  if (state.ledger !== token) return;
  try {
    await store.moveLabel({ secretArn, label: LEDGER_LABEL, from: token }, deadline);
  } catch {
    // The rotation is done, and the next one moves the label.
    journal.notes.push(`the label ${LEDGER_LABEL} stays on the current version until the next rotation`);
  }
}

/** Checks that this rotation is under way at all, before anything is read or changed. */
async function findState(work: StepWork): Promise<State | 'replay'> {
  const { event, store, deadline } = work;
  for (let attempt = 1; ; attempt++) {
    const description = await store.describe(event.secretArn, deadline);
    if (description.deleted)
      throw new SecretDeleted('the secret is scheduled for deletion; restore it, or take its rotation away');
    if (description.rotationEnabled === false) {
      throw new RotationNotEnabled(
        'the secret is not enabled for rotation; enable it, or find out who called this function',
      );
    }
    const settled = settle(event, description);
    if (!(settled instanceof VersionNotRegistered)) return settled;
    if (attempt >= LAGGING_READS.tries) throw settled;
    await deadline.pause(LAGGING_READS.firstPauseMs * 2 ** (attempt - 1));
  }
}

function settle({ token }: RotationEvent, description: SecretDescription): State | 'replay' | VersionNotRegistered {
  const { labels } = description;
  const holder = (label: string) => [...labels].find(([, held]) => held.includes(label))?.[0];
  const own = labels.get(token);
  if (own === undefined) {
    return new VersionNotRegistered(
      `version ${token} has no stage for rotation: it was abandoned, or Secrets Manager never began it; rotate again`,
    );
  }
  if (own.includes('AWSCURRENT')) return 'replay';
  if (!own.includes('AWSPENDING')) {
    const pending = holder('AWSPENDING');
    if (pending !== undefined) {
      throw new PendingElsewhere(
        `AWSPENDING is on version ${pending}, not on ${token}; a later rotation has replaced this one`,
      );
    }
    throw new RotationAbandoned(
      `version ${token} has lost AWSPENDING: somebody wrote a value during the rotation; rotate again`,
    );
  }
  const current = holder('AWSCURRENT');
  if (current === undefined)
    throw new NoCurrentValue('the secret has no current value; put one in before rotation is enabled');
  return { current, previous: holder('AWSPREVIOUS'), ledger: holder(LEDGER_LABEL), description };
}

/**
 * Where the live password can be when the current value is refused. Three logins at most may fail, so the order follows
 * the ledger: a password that was never announced was never set. Versions without a label come last, if at all.
 */
async function* candidates(work: StepWork, state: State, pending: SecretValue): AsyncGenerator<Candidate> {
  const { token } = work.event;
  const pendingOne: Candidate = { kind: 'pending', read: async () => pending };
  const stored = (kind: 'ledger' | 'previous', version: string | undefined, label: string): Candidate[] =>
    version === undefined || version === token || version === state.current
      ? []
      : [{ kind, read: () => readIfThere(work, version, label) }];
  const ledger = stored('ledger', state.ledger, LEDGER_LABEL);
  const previous = state.previous === state.ledger ? [] : stored('previous', state.previous, 'AWSPREVIOUS');
  yield* ledger.length > 0 ? [...ledger, ...previous, pendingOne] : [pendingOne, ...previous];
  yield* await searched(work);
}

/** The newest versions that have lost their labels: without a ledger, an abandoned rotation leaves the live password there. */
async function searched(work: StepWork): Promise<Candidate[]> {
  const { store, event, deadline, steps } = work;
  if (steps.searchVersions === 0) return [];
  const newest = (await store.unlabelled(event.secretArn, deadline)).slice(0, steps.searchVersions);
  return newest.map((version) => ({ kind: 'unlabelled', read: () => readIfThere(work, version, 'without a label') }));
}

/** Many at once may attach a label that no version has; from one version to another it goes only once. */
async function claim(work: StepWork, { current, ledger }: State): Promise<'ours' | 'taken' | 'open'> {
  const { event, store, deadline, steps } = work;
  const { secretArn, token } = event;
  if (steps.ledger !== 'label' || ledger === token) return 'open';
  const label = LEDGER_LABEL;
  try {
    if (ledger === undefined) await store.moveLabel({ secretArn, label, to: current }, deadline);
    await store.moveLabel({ secretArn, label, to: token, from: ledger ?? current }, deadline);
    return 'ours';
  } catch (error) {
    if (error instanceof LabelHasMoved) return 'taken';
    throw error;
  }
}

async function moveLedger(work: StepWork, from: string | undefined): Promise<void> {
  const { secretArn, token } = work.event;
  if (from === token) return;
  try {
    await work.store.moveLabel(
      { secretArn, label: LEDGER_LABEL, to: token, ...(from === undefined ? {} : { from }) },
      work.deadline,
    );
  } catch (error) {
    if (!(error instanceof LabelHasMoved)) throw error;
    const now = await findState(work);
    // Our own call got through and only its answer was lost; anything else is another rotation's doing.
    if (now === 'replay' || now.ledger !== token) throw error;
  }
}

async function read(work: StepWork, version: string, label: string): Promise<SecretValue> {
  return new SecretValue((await work.store.read(work.event.secretArn, version, work.deadline)).text, label);
}

async function readSuperuser({ store, superuserSecret, deadline }: StepWork): Promise<SecretValue | undefined> {
  if (superuserSecret === undefined) return undefined;
  return new SecretValue((await store.read(superuserSecret, undefined, deadline)).text, 'of the superuser');
}

async function readIfThere(work: StepWork, version: string, label: string): Promise<SecretValue | undefined> {
  try {
    return await read(work, version, label);
  } catch (error) {
    if (error instanceof VersionHasNoValue) return undefined;
    throw error;
  }
}

async function readPending(work: StepWork): Promise<SecretValue> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read(work, work.event.token, 'AWSPENDING');
    } catch (error) {
      if (!(error instanceof VersionHasNoValue)) throw error;
      if (attempt >= LAGGING_READS.tries)
        throw new VersionHasNoValue(
          'the pending version has no value; createSecret did not run, let Secrets Manager repeat the rotation',
        );
      await work.deadline.pause(LAGGING_READS.firstPauseMs * 2 ** (attempt - 1));
    }
  }
}
