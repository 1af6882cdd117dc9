import {
  AccountDisabled,
  CertificateNotTrusted,
  ConnectionLost,
  ConnectionNotAllowed,
  CredentialRefused,
  DatabaseBusy,
  DatabaseMissing,
  DatabaseNotReady,
  DatabaseSilent,
  DatabaseUnreachable,
  LoginMethodNotSupported,
  NewPasswordRefused,
  PrivilegeMissing,
  ReadOnlyTarget,
  RotationError,
  StatementRefused,
  TlsFailed,
  TlsNotOffered,
  TooManyConnections,
} from '../errors';

// Only CredentialRefused may make the caller try another password.

/** Why a connection was not made. @see https://mariadb.com/kb/en/mariadb-error-code-reference/ */
export function connectFailure(error: unknown, place: string, username: string): RotationError {
  if (error instanceof RotationError) return error;
  const { code, number, said } = partsOf(error);
  const who = `user ${JSON.stringify(username)} on ${place}`;
  switch (number) {
    case 1045:
    case 1698:
      return new CredentialRefused(`${who}: the server refused the password`);
    case 1040:
    case 1203:
    case 1226:
      return new TooManyConnections(`${place}: too many connections (error ${number}); raise the limit or use fewer`);
    case 1130:
      return new ConnectionNotAllowed(`${who}: no account allows this host; create one for the function's subnets`);
    case 1820:
    case 1862:
    case 3118:
    case 4151:
      return new AccountDisabled(`${who}: the account is locked or its password has expired (error ${number})`);
    case 1053:
      return new DatabaseNotReady(`${place}: the server is stopping; Secrets Manager repeats the rotation`);
    case 1251:
    case 1275:
    case 1524:
      return unknownMethod(who, '');
  }
  const asked = UNKNOWN_METHOD.exec(said)?.[1];
  if (code === 'AUTH_SWITCH_PLUGIN_ERROR' && asked !== undefined) return unknownMethod(who, asked);
  if (code === 'MYSQL_CLEAR_PASSWORD_NOT_ENABLED') return unknownMethod(who, 'mysql_clear_password');
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT')
    return new TlsNotOffered(
      `${place}: the server offers no TLS, and a password is never sent without; turn TLS on in the server`,
    );
  if (code === 'ETIMEDOUT' && /connect/.test(said))
    return new DatabaseSilent(`${place}: no answer to the login in time`);
  const cause = UNTRUSTED.exec(code)?.[0] ?? UNTRUSTED.exec(said)?.[0] ?? '';
  if (cause !== '' || /certificate|altnames/i.test(said)) {
    return new CertificateNotTrusted(
      `${place}: ${cause || 'the certificate'} is not trusted; set STRONGROOM_CA_FILE to its authority, and STRONGROOM_HOST to a name in its certificate`,
    );
  }
  if (/^(ERR_SSL|ERR_TLS|EPROTO|HANDSHAKE_SSL)/.test(code))
    return new TlsFailed(`${place}: no TLS connection (${code}); does the server speak TLS 1.2 or later?`);
  if (/^(ENOTFOUND|EAI_|ECONNREFUSED|EHOST|ENET|ETIMEDOUT|EADDRNOTAVAIL|EACCES|EPERM)/.test(code)) {
    return new DatabaseUnreachable(
      `${place}: ${code}; check STRONGROOM_HOST and STRONGROOM_PORT, the subnets, and the security groups of both sides`,
    );
  }
  if (number > 0) return new DatabaseUnreachable(`${place}: the server refused the connection with error ${number}`);
  return new ConnectionLost(`${place}: the connection broke off before the login was over`);
}

/** Why a statement failed. What the server says is never passed on: it quotes the statement. */
export function statementFailure(error: unknown, purpose: string): RotationError {
  if (error instanceof RotationError) return error;
  const { number } = partsOf(error);
  if ([1044, 1045, 1142, 1143, 1227, 1410, 1370, 1698].includes(number))
    return new PrivilegeMissing(`${purpose}: denied (error ${number}); see docs/rotators.md for what is needed`);
  // MariaDB lets a user in whose password has expired, and then refuses every statement.
  if (number === 1820) return new AccountDisabled(`${purpose}: the password of the user has expired (error ${number})`);
  if ([1290, 1792, 1836].includes(number))
    return new ReadOnlyTarget(`${purpose}: the server is read-only; set STRONGROOM_HOST to the writer`);
  if ([1205, 1213, 1969, 3024].includes(number))
    return new DatabaseBusy(`${purpose}: another session holds a lock for too long (error ${number})`);
  if ([1819, 3638].includes(number))
    return new NewPasswordRefused(`${purpose}: the server's password policy refuses it (error ${number})`);
  if (number === 1049)
    return new DatabaseMissing(`${purpose}: the database does not exist; correct STRONGROOM_DATABASE`);
  if ([1054, 1146, 1147, 1305, 1959, 3523].includes(number))
    return new StatementRefused(`${purpose}: that does not exist (error ${number}); make it, or take the right away`);
  if (number > 0)
    return new StatementRefused(`${purpose}: the server refused with error ${number}; see the server's log`);
  return new ConnectionLost(`${purpose}: the connection broke off; the next try finds out what was done`);
}

/** MariaDB asks a user whom it does not know in the way of some other account, so that nobody learns who exists. */
function unknownMethod(who: string, asked: string): LoginMethodNotSupported {
  return new LoginMethodNotSupported(
    `${who}: the server asks for a login method${asked === '' ? '' : `, ${JSON.stringify(asked)},`} that this function does not have; ` +
      'give the user a password (see docs/rotators.md), and make sure that it exists: MariaDB may ask so for a user that is missing',
  );
}

/** As the driver says it. */
const UNKNOWN_METHOD = /unknown plugin ([\w-]+)/;

const UNTRUSTED =
  /\b(UNABLE_TO_\w+|SELF_SIGNED\w+|DEPTH_ZERO\w+|CERT_\w+|ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)/;

function partsOf(error: unknown): { readonly code: string; readonly number: number; readonly said: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return partsOf(error.errors[0]);
  if (!(error instanceof Error)) return { code: '', number: 0, said: '' };
  const { code, errno } = error as { code?: unknown; errno?: unknown };
  return {
    code: typeof code === 'string' ? code : '',
    number: typeof errno === 'number' && errno > 0 ? errno : 0,
    said: error.message,
  };
}
