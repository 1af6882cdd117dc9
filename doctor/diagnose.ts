/** Labels in the order in which their passwords are tried; the third is the rotation function's own. */
export const LABELS = ['AWSCURRENT', 'AWSPENDING', 'STRONGROOM_APPLYING', 'AWSPREVIOUS'] as const;

export type Label = (typeof LABELS)[number];

/** What came of a password. `not tried` has a reason: nothing was learned about the password then. */
export type LoginOutcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'not tried'; readonly reason: string };

export interface VersionFacts {
  readonly id: string;
  readonly labels: readonly string[];
  /** Why there is no value to try, if there is none. */
  readonly unreadable?: 'empty' | 'key' | 'denied';
  readonly login?: LoginOutcome;
}

/** What was found out about a secret; never a value. */
export interface SecretFacts {
  readonly id: string;
  readonly versions: readonly VersionFacts[];
  readonly kmsKeyId?: string;
  readonly rotationEnabled?: boolean;
  /** Milliseconds since 1970. */
  readonly deletedAt?: number;
  readonly nextRotation?: number;
  readonly now: number;
}

export const STATES = [
  'healthy',
  'deleted',
  'unreadable',
  'no-current',
  'login-unknown',
  'promotion-missing',
  'current-stale',
  'rotation-incomplete',
  'rotation-given-up',
  'password-unknown',
  'rotation-overdue',
] as const;

export type State = (typeof STATES)[number];

export interface Diagnosis {
  readonly state: State;
  /** What is wrong, or that nothing is, in one sentence. */
  readonly finding: string;
  /** The one safe command that comes next. */
  readonly command?: string;
  /** Why it is safe, or what it does. */
  readonly because?: string;
}

/** The most pressing thing that is wrong with a secret. Without a login that proved it, no label is advised to be moved. */
export function diagnose(facts: SecretFacts): Diagnosis {
  if (facts.deletedAt !== undefined) {
    return {
      state: 'deleted',
      finding: `the secret is deleted and will be gone for good at ${new Date(facts.deletedAt).toISOString()}`,
      command: aws('restore-secret', facts),
      because: 'it keeps the secret with all of its versions',
    };
  }
  const current = versionWith(facts, 'AWSCURRENT');
  if (!current || current.unreadable === 'empty') return withoutCurrent(facts, current);
  if (current.unreadable === 'key' || current.unreadable === 'denied') return unreadable(facts, current.unreadable);
  if (current.login?.kind === 'refused') return refused(facts, current);
  const pending = versionWith(facts, 'AWSPENDING');
  if (pending && pending !== current) return incomplete(facts, current, pending);
  if (current.login?.kind === 'not tried') {
    return {
      state: 'login-unknown',
      finding: `nothing is wrong with the labels, but no login was tried: ${current.login.reason}`,
    };
  }
  if (facts.rotationEnabled && facts.nextRotation !== undefined && facts.nextRotation < facts.now) {
    return {
      state: 'rotation-overdue',
      finding: `the rotation that was due by ${new Date(facts.nextRotation).toISOString()} has not happened`,
      command: aws('rotate-secret', facts),
      because: 'the current password works, so nothing is lost if the rotation fails; its log then tells why',
    };
  }
  return {
    state: 'healthy',
    finding: `the current password logs in${facts.rotationEnabled ? '' : '; the secret is not rotated by itself'}`,
  };
}

function withoutCurrent(facts: SecretFacts, empty: VersionFacts | undefined): Diagnosis {
  const what = empty ? 'the version that is AWSCURRENT has no value' : 'no version is AWSCURRENT';
  const working = worksAmong(facts);
  if (!working) {
    return {
      state: 'no-current',
      finding: `${what}, so no application can read the secret`,
      command: `aws secretsmanager list-secret-version-ids --secret-id ${quoted(facts.id)} --include-deprecated`,
      because: 'it shows the versions there are; none of the labelled ones is known to log in',
    };
  }
  return {
    state: 'no-current',
    finding: `${what}, and version ${working.id} logs in`,
    command: moved(facts, 'AWSCURRENT', working.id, empty?.id),
    because: 'its password was just accepted by the database',
  };
}

function unreadable(facts: SecretFacts, why: 'key' | 'denied'): Diagnosis {
  if (why === 'denied') {
    return {
      state: 'unreadable',
      finding: 'these credentials may not read the current value, so nothing can be said about its password',
      command: 'aws sts get-caller-identity',
      because: 'it shows whose permission secretsmanager:GetSecretValue is missing',
    };
  }
  return {
    state: 'unreadable',
    finding: "the current value cannot be decrypted: the secret's KMS key is disabled, deleted or not allowed",
    command: `aws kms describe-key --key-id ${quoted(facts.kmsKeyId ?? 'alias/aws/secretsmanager')}`,
    because: 'it shows the state of the key and changes nothing',
  };
}

function refused(facts: SecretFacts, current: VersionFacts): Diagnosis {
  const pending = versionWith(facts, 'AWSPENDING');
  const working = worksAmong(facts);
  if (working) {
    const isPending = working === pending;
    return {
      state: isPending ? 'promotion-missing' : 'current-stale',
      finding: `the database refuses the current password and accepts that of version ${working.id} (${working.labels.join(', ')})`,
      command: moved(facts, 'AWSCURRENT', working.id, current.id),
      because: isPending
        ? 'the database has the new password already; this is the last thing that the rotation had left to do'
        : 'its password was just accepted by the database',
    };
  }
  return {
    state: 'password-unknown',
    finding: 'the database refuses every password that was tried: it was changed by somebody, or the user is gone',
    ...(facts.rotationEnabled === undefined
      ? {}
      : {
          command: aws('rotate-secret', facts),
          because: 'a rotation function with a superuser sets a new password; one without fails and changes nothing',
        }),
  };
}

function incomplete(facts: SecretFacts, current: VersionFacts, pending: VersionFacts): Diagnosis {
  const known = current.login?.kind === 'accepted' ? 'the current password logs in' : 'no login was tried';
  const content = pending.unreadable === 'empty' ? ', which has no value yet,' : '';
  const works = pending.login?.kind === 'accepted' ? '; so does the pending one' : '';
  if (facts.rotationEnabled) {
    return {
      state: 'rotation-incomplete',
      finding: `a rotation is not complete: version ${pending.id}${content} is pending; ${known}${works}`,
      command: aws('rotate-secret', facts),
      because: 'it answers that the previous rotation will be reattempted, and does that, with the same version',
    };
  }
  if (current.login?.kind !== 'accepted') {
    return {
      state: 'rotation-given-up',
      finding: `rotation is off, and version ${pending.id}${content} is still pending; ${known}`,
      command: aws('describe-secret', facts),
      because: 'whether the label may go can only be told where the database can be reached: run the doctor there',
    };
  }
  return {
    state: 'rotation-given-up',
    finding: `rotation is off, and version ${pending.id}${content} is still pending; ${known}${works}`,
    command: `aws secretsmanager update-secret-version-stage --secret-id ${quoted(facts.id)} --version-stage AWSPENDING --remove-from-version-id ${pending.id}`,
    because: 'the current password works, and the label would stop every later rotation',
  };
}

function worksAmong({ versions }: SecretFacts): VersionFacts | undefined {
  return versions.find(({ login }) => login?.kind === 'accepted');
}

/** The version that holds a label. */
export function versionWith({ versions }: Pick<SecretFacts, 'versions'>, label: string): VersionFacts | undefined {
  return versions.find(({ labels }) => labels.includes(label));
}

function moved({ id }: SecretFacts, label: string, to: string, from?: string): string {
  return [
    `aws secretsmanager update-secret-version-stage --secret-id ${quoted(id)} --version-stage ${label} --move-to-version-id ${to}`,
    ...(from === undefined ? [] : [`--remove-from-version-id ${from}`]),
  ].join(' ');
}

function aws(command: string, { id }: SecretFacts): string {
  return `aws secretsmanager ${command} --secret-id ${quoted(id)}`;
}

/** For a shell: names of secrets may hold characters that it reads. */
function quoted(text: string): string {
  return /^[A-Za-z0-9/_+=.@:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
