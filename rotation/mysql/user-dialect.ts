import type { Session } from '../database';
import type { CloneDialect } from './clone';

/** One account of a name. */
export interface FoundAccount {
  readonly host: string;
  readonly locked: boolean;
  /** What the server keeps of the password. */
  readonly stored: string;
}

/** How a server makes users. */
export interface UserDialect extends CloneDialect {
  accounts(superuser: Session, user: string): Promise<readonly FoundAccount[]>;
  /** What the server keeps of a password. */
  hash(password: string): string;
  /** What could be kept of a password and is of none, made of hexadecimal digits. */
  noPassword(digits: string): string;
  /** `IDENTIFIED …` by what is kept. */
  identified(stored: string): string;
}
