import {
  AccountDisabled,
  CertificateNotTrusted,
  ConnectionLost,
  ConnectionNotAllowed,
  CredentialRefused,
  DatabaseBusy,
  DatabaseMissing,
  DatabaseNotReady,
  DatabaseUnreachable,
  LoginMethodNotSupported,
  PasswordCommandsRestricted,
  PrivilegeMissing,
  ReadOnlyTarget,
  RotationError,
  StatementRefused,
  TlsFailed,
  TlsNotOffered,
  TooManyConnections,
} from '../errors';

// Only CredentialRefused may make the caller try another password: everything else would be the same with any password,
// and trying on would lock accounts and hide the cause.

/**
 * Why a connection was not made.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function connectFailure(error: unknown, place: string, username: string): RotationError {
  if (error instanceof RotationError) return error;
  const { code, said } = partsOf(error);
  const who = `role ${JSON.stringify(username)} on ${place}`;
  if (code === '28P01') return new CredentialRefused(`${who}: the server refused the password`);
  if (code === '28000') return authorizationFailure(who, said);
  if (code === '3D000')
    return new DatabaseMissing(`${place}: the database does not exist; correct STRONGROOM_DATABASE`);
  if (code === '42501')
    return new ConnectionNotAllowed(
      `${who}: no permission to connect to the database; GRANT CONNECT ON DATABASE to the role`,
    );
  if (code === '53300')
    return new TooManyConnections(
      `${place}: too many connections; raise max_connections or the role's limit, or use fewer`,
    );
  if (code === '57P03' || code === '57P01' || code === '57P02') {
    return new DatabaseNotReady(
      `${place}: the server is starting, stopping or recovering; Secrets Manager repeats the rotation`,
    );
  }
  if (/does not support SSL|establishing an SSL/.test(said)) {
    return new TlsNotOffered(
      `${place}: the server offers no TLS, and a password is never sent without; turn TLS on in the server`,
    );
  }
  if (UNTRUSTED.test(code)) {
    return new CertificateNotTrusted(
      `${place}: ${code}; set STRONGROOM_CA_FILE to its authority, and STRONGROOM_HOST to a name in its certificate`,
    );
  }
  if (/^(ERR_SSL|ERR_TLS|EPROTO)/.test(code))
    return new TlsFailed(`${place}: no TLS connection (${code}); does the server speak TLS 1.2 or later?`);
  if (/SASL|authentication|requires? (a )?password/i.test(said) && /^[0-9A-Z]{5}$/.test(code) === false) {
    return new LoginMethodNotSupported(
      `${who}: the server asks for a login method other than SCRAM-SHA-256, md5 or password over TLS`,
    );
  }
  if (UNREACHABLE.test(code)) {
    return new DatabaseUnreachable(
      `${place}: ${code}; check STRONGROOM_HOST and STRONGROOM_PORT, the subnets, and the security groups of both sides`,
    );
  }
  if (/^[0-9A-Z]{5}$/.test(code))
    return new DatabaseUnreachable(`${place}: the server refused the connection with SQLSTATE ${code}`);
  return new ConnectionLost(
    `${place}: the connection broke off before the login was over; Secrets Manager repeats the rotation`,
  );
}

/** Why a statement failed. What the server says is passed on only where it cannot quote the statement. */
export function statementFailure(error: unknown, purpose: string): RotationError {
  if (error instanceof RotationError) return error;
  const { code, said } = partsOf(error);
  if (/member of rds_password/.test(said)) {
    return new PasswordCommandsRestricted(
      `${purpose}: rds.restrict_password_commands is on; GRANT rds_password to the role`,
    );
  }
  if (code === '42501') {
    return new PrivilegeMissing(
      `${purpose}: permission denied (SQLSTATE 42501); see docs/rotators.md for what each role needs`,
    );
  }
  if (code === '25006' || (code === '0A000' && /recovery|read-write/.test(said))) {
    return new ReadOnlyTarget(
      `${purpose}: the server is read-only; set STRONGROOM_HOST to the writer, not to a replica or reader endpoint`,
    );
  }
  if (
    code === '55P03' ||
    code === '57014' ||
    code === '40P01' ||
    code === '40001' ||
    (code === 'XX000' && /concurrently/.test(said))
  ) {
    return new DatabaseBusy(
      `${purpose}: another session holds the role for too long (SQLSTATE ${code}); Secrets Manager repeats the rotation`,
    );
  }
  if (/^[0-9A-Z]{5}$/.test(code) && !/^(08|57P)/.test(code)) {
    return new StatementRefused(`${purpose}: the server refused with SQLSTATE ${code}; see the server's log`);
  }
  return new ConnectionLost(`${purpose}: the connection broke off; the next try finds out what was done`);
}

const UNTRUSTED =
  /^(UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|CERT_|ERR_TLS_CERT_ALTNAME_INVALID|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/;

const UNREACHABLE =
  /^(ENOTFOUND|EAI_|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|ETIMEDOUT|EADDRNOTAVAIL|EACCES|EPERM)/;

function authorizationFailure(who: string, said: string): RotationError {
  if (/not permitted to log in/.test(said))
    return new AccountDisabled(`${who}: the role may not log in; ALTER ROLE … LOGIN`);
  if (/pg_hba|no encryption|SSL/i.test(said)) {
    return new ConnectionNotAllowed(
      `${who}: no line of the server's pg_hba.conf allows this connection; allow it, or correct STRONGROOM_TLS`,
    );
  }
  return new CredentialRefused(`${who}: the server refused the login`);
}

function partsOf(error: unknown): { readonly code: string; readonly said: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return partsOf(error.errors[0]);
  if (!(error instanceof Error)) return { code: '', said: '' };
  const code = (error as { code?: unknown }).code;
  return { code: typeof code === 'string' ? code : '', said: error.message };
}
