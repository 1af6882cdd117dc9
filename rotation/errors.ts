/**
 * Every way in which a rotation step ends badly, each with a name of its own: what an operator searches the log for.
 *
 * A message says what was found and, after the semicolon, what to do. It never holds a password, a verifier, SQL, or the
 * text of the secret; the error that caused it is not attached, because a runtime would print it.
 */
export abstract class RotationError extends Error {
  abstract override readonly name: string;
}

type Named<N extends string> = new (message: string) => RotationError & { readonly name: N };

// Written out, because a minifier changes the names of classes.
function named<const N extends string>(name: N): Named<N> {
  return class extends RotationError {
    override readonly name = name;
  };
}

// How the function was set up and called
export class InvalidConfiguration extends named('InvalidConfiguration') {}
export class InvalidEvent extends named('InvalidEvent') {}
export class SecretNotAllowed extends named('SecretNotAllowed') {}
export class OutOfTime extends named('OutOfTime') {}
export class UnexpectedFailure extends named('UnexpectedFailure') {}

// The state of the rotation
export class RotationNotEnabled extends named('RotationNotEnabled') {}
export class SecretDeleted extends named('SecretDeleted') {}
export class NoCurrentValue extends named('NoCurrentValue') {}
export class VersionNotRegistered extends named('VersionNotRegistered') {}
export class RotationAbandoned extends named('RotationAbandoned') {}
export class PendingElsewhere extends named('PendingElsewhere') {}
export class PasswordNotSet extends named('PasswordNotSet') {}
export class LabelHasMoved extends named('LabelHasMoved') {}
export class GraceNotOver extends named('GraceNotOver') {}

// The values in the secret
export class InvalidSecretValue extends named('InvalidSecretValue') {}
export class EngineNotAccepted extends named('EngineNotAccepted') {}
export class VersionHasNoValue extends named('VersionHasNoValue') {}
export class VersionAlreadyHasValue extends named('VersionAlreadyHasValue') {}
export class UserNotDeclared extends named('UserNotDeclared') {}
export class PendingMismatch extends named('PendingMismatch') {}

// AWS Secrets Manager and KMS
export class SecretNotFound extends named('SecretNotFound') {}
export class SecretsManagerDenied extends named('SecretsManagerDenied') {}
export class KeyDenied extends named('KeyDenied') {}
export class SecretsManagerUnavailable extends named('SecretsManagerUnavailable') {}
export class SecretsManagerRefused extends named('SecretsManagerRefused') {}

// Reaching the database
export class DatabaseUnreachable extends named('DatabaseUnreachable') {}
export class DatabaseSilent extends named('DatabaseSilent') {}
export class DatabaseNotReady extends named('DatabaseNotReady') {}
export class ConnectionLost extends named('ConnectionLost') {}
export class TooManyConnections extends named('TooManyConnections') {}
export class TlsNotOffered extends named('TlsNotOffered') {}
export class CertificateNotTrusted extends named('CertificateNotTrusted') {}
export class TlsFailed extends named('TlsFailed') {}
export class DatabaseMissing extends named('DatabaseMissing') {}

// Logging in
export class CredentialRefused extends named('CredentialRefused') {}
export class AllCredentialsRefused extends named('AllCredentialsRefused') {}
export class AccountDisabled extends named('AccountDisabled') {}
export class ConnectionNotAllowed extends named('ConnectionNotAllowed') {}
export class LoginMethodNotSupported extends named('LoginMethodNotSupported') {}
export class NewPasswordRefused extends named('NewPasswordRefused') {}
export class WrongIdentity extends named('WrongIdentity') {}

// Changing the password
export class ReadOnlyTarget extends named('ReadOnlyTarget') {}
export class DatabaseBusy extends named('DatabaseBusy') {}
export class PasswordCommandsRestricted extends named('PasswordCommandsRestricted') {}
export class PasswordHashesRefused extends named('PasswordHashesRefused') {}
export class PrivilegeMissing extends named('PrivilegeMissing') {}
export class ServerTooOld extends named('ServerTooOld') {}
export class StatementRefused extends named('StatementRefused') {}

// The superuser's path
export class SuperuserRefused extends named('SuperuserRefused') {}
export class SuperuserMismatch extends named('SuperuserMismatch') {}
export class RoleNotOurs extends named('RoleNotOurs') {}
export class RoleTooPowerful extends named('RoleTooPowerful') {}
export class SchemaNotOurs extends named('SchemaNotOurs') {}

// Two credentials that are both to work
export class AccountShadowed extends named('AccountShadowed') {}
export class AmbiguousUsername extends named('AmbiguousUsername') {}
export class CurrentRefused extends named('CurrentRefused') {}
export class PrivilegesDiffer extends named('PrivilegesDiffer') {}
export class UserMissing extends named('UserMissing') {}
export class ProbeFailed extends named('ProbeFailed') {}

// Reaching whoever makes API keys
export class ProviderUnreachable extends named('ProviderUnreachable') {}
export class ProviderSilent extends named('ProviderSilent') {}
export class ProviderThrottled extends named('ProviderThrottled') {}
export class ProviderUnavailable extends named('ProviderUnavailable') {}
export class ProviderRefused extends named('ProviderRefused') {}
export class ProviderAnswerInvalid extends named('ProviderAnswerInvalid') {}

// API keys
export class AdminRefused extends named('AdminRefused') {}
export class CurrentKeyMismatch extends named('CurrentKeyMismatch') {}
export class KeyBeingMade extends named('KeyBeingMade') {}
export class KeyLimitReached extends named('KeyLimitReached') {}
export class NewKeyRefused extends named('NewKeyRefused') {}
