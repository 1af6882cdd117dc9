import type { Problem } from '../core/errors';
import { type DatabaseFamily, FAMILY_OF, type IDatabase, PRODUCT } from './database';
import type { RotatorName } from './rotation-permissions';

/** How a rotation gets from one password to the next. */
export type RotationStrategy =
  /** PostgreSQL: the user's own password is replaced; logins with the old one fail from that moment on. */
  | 'single-user'
  /** Two users in turn; the old one works until the next rotation. */
  | 'alternating-users'
  /** MySQL: one user with a primary and a secondary password; the old one works until the next rotation. */
  | 'dual-password'
  /** MariaDB: one user with two passwords; the old one works until the next rotation. */
  | 'two-passwords';

/** What is known of one of the function's ways to rotate. */
export interface RotatorFacts {
  /** The function's name for it, `STRONGROOM_ROTATOR`. */
  readonly rotator: RotatorName;
  /** Whether every change is the superuser's. */
  readonly needsSuperuser: boolean;
  /** Whether the password before the last rotation still works. */
  readonly oldWorks: boolean;
  /** Whether the user's name changes with each rotation. */
  readonly alternates: boolean;
}

/**
 * What a family uses when nothing is said.
 *
 * PostgreSQL has one password for a role: `single-user` keeps the role's name and needs no superuser afterwards, at the
 * price of a moment in which the old password is refused already. On MySQL and MariaDB one user can have two passwords,
 * so nothing speaks for anything else: neither a gap nor a second name.
 */
const DEFAULTS = {
  postgres: 'single-user',
  mysql: 'dual-password',
  mariadb: 'two-passwords',
} as const satisfies Readonly<Record<DatabaseFamily, RotationStrategy>>;

const TWO_PASSWORDS = { needsSuperuser: true, oldWorks: true, alternates: false } as const;
const ALTERNATING = { needsSuperuser: true, oldWorks: true, alternates: true } as const;

/** The function's rotators, by family and strategy. */
export const ROTATORS: Readonly<Record<DatabaseFamily, Readonly<Partial<Record<RotationStrategy, RotatorFacts>>>>> = {
  postgres: {
    'single-user': {
      rotator: 'postgres-single-user',
      needsSuperuser: false,
      oldWorks: false,
      alternates: false,
    },
    'alternating-users': { rotator: 'postgres-alternating-users', ...ALTERNATING },
  },
  mysql: {
    'dual-password': { rotator: 'mysql-dual-password', ...TWO_PASSWORDS },
    'alternating-users': { rotator: 'mysql-alternating-users', ...ALTERNATING },
  },
  mariadb: {
    'two-passwords': { rotator: 'mariadb-two-passwords', ...TWO_PASSWORDS },
    'alternating-users': { rotator: 'mariadb-alternating-users', ...ALTERNATING },
  },
};

/** The rotator of a database and a strategy; nothing for a pair that does not fit. */
export function rotatorOf({ engine }: IDatabase, strategy?: RotationStrategy): RotatorFacts | undefined {
  const family = FAMILY_OF[engine];
  const wanted = strategy ?? DEFAULTS[family];
  // From JavaScript, or through a cast, anything may come.
  return Object.hasOwn(ROTATORS[family], wanted) ? ROTATORS[family][wanted] : undefined;
}

/** What keeps a strategy from being used for a database. */
export function strategyProblems(
  database: IDatabase,
  strategy: RotationStrategy | undefined,
): readonly (Problem | undefined)[] {
  const family = FAMILY_OF[database.engine];
  const facts = rotatorOf(database, strategy);
  if (facts === undefined) {
    const allowed = Object.keys(ROTATORS[family]).map((one) => JSON.stringify(one));
    return [
      {
        code: 'SR-ROTATION-STRATEGY',
        property: 'strategy',
        message: `is ${JSON.stringify(strategy)}, allowed for ${PRODUCT[family]} are ${allowed.join(' and ')}`,
        fix: `leave it out for ${JSON.stringify(DEFAULTS[family])}`,
      },
    ];
  }
  if (!facts.needsSuperuser || database.superuser !== undefined) return [];
  return [
    {
      code: 'SR-ROTATION-SUPERUSER',
      property: 'strategy',
      message: `is ${JSON.stringify(strategy ?? DEFAULTS[family])}, whose every change a superuser makes, and the database has none`,
      fix: 'name the superuser secret of the existing database',
    },
  ];
}
