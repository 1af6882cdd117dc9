import type { Pair } from '../alternation';
import type { Session } from '../database';
import { UserMissing } from '../errors';
import type { AccountOptions } from './account-options';
import type { CloneDialect } from './clone';
import { isInTheMaking, optionChanges, type Profile, readProfile, rightChanges, usableRoles } from './profile';
import { type Account, quoteAccount } from './quoting';

/** Of an account that was just created. */
const FRESH: AccountOptions = {
  locked: false,
  expired: false,
  plugin: undefined,
  secondFactor: false,
  defaultRoles: [],
  clauses: new Map(),
};

/**
 * What to throw when the base is gone. Its rights have gone with it, and a rotation gives nobody rights that it has made up;
 * but the clone still has the same, so the message holds the statements by which an administrator brings them back.
 */
export async function missingBase(
  superuser: Session,
  { base, clone }: Pair,
  hosts: { readonly ofLogin: string | undefined; readonly ofClone: readonly string[] },
  dialect: CloneDialect,
): Promise<UserMissing> {
  const [only, ...others] = hosts.ofClone;
  const host = hosts.ofLogin ?? (others.length === 0 ? only : undefined);
  const account = { user: base, host: host ?? '%' };
  const model =
    host !== undefined && hosts.ofClone.includes(host)
      ? await readProfile(superuser, { user: clone, host })
      : undefined;
  const usable = model && !isInTheMaking(model) ? model : undefined;
  const statements = [
    `CREATE USER ${quoteAccount(account)} IDENTIFIED BY '…'`,
    ...(usable ? statementsOf(usable, account, dialect) : []),
  ];
  return new UserMissing(
    `there is no user ${quoteAccount(account)}, whose rights the clone has to get; as an administrator, with any password, which the next rotation replaces, run: ` +
      `${statements.join('; ')}${usable ? '' : '; and grant what the application needs'}; then rotate again`,
  );
}

function statementsOf(model: Profile, account: Account, dialect: CloneDialect): readonly string[] {
  const fresh: Profile = { account, rights: [], defaultRoles: [], options: FRESH };
  const roles = usableRoles(model);
  const clauses = optionChanges(model, fresh);
  return [
    ...rightChanges(model, fresh).map(({ sql }) => sql),
    ...(roles.length > 0 ? [dialect.setDefaultRoles(account, roles)] : []),
    ...(clauses.length > 0 ? [`ALTER USER ${quoteAccount(account)} ${clauses.join(' ')}`] : []),
  ];
}
