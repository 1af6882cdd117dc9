/** An error as the service answers it: a name that SDKs turn into a class, and a message. */
export class ServiceError extends Error {
  constructor(
    override readonly name: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

export const notFound = (what = "Secrets Manager can't find the specified secret.") =>
  new ServiceError('ResourceNotFoundException', what);

export const invalidParameter = (message: string) => new ServiceError('InvalidParameterException', message);

export const invalidRequest = (message: string) => new ServiceError('InvalidRequestException', message);

export const exists = (message: string) => new ServiceError('ResourceExistsException', message);

export const limitExceeded = () =>
  new ServiceError(
    'LimitExceededException',
    'The request failed because it would exceed one of the Secrets Manager quotas.',
  );

/** What the service's own model of a member forbids. The value is shown only where it is no secret. */
export const violated = (member: string, rule: string, shown?: string | number) =>
  new ServiceError(
    'ValidationException',
    `1 validation error detected: Value ${shown === undefined ? '' : `'${shown}' `}at '${member}' failed to satisfy constraint: Member must ${rule}`,
  );

export const throttled = () => new ServiceError('ThrottlingException', 'Rate exceeded');

export const internal = () => new ServiceError('InternalServiceError', 'An error occurred on the server side.', 500);

export const cannotDecrypt = () =>
  new ServiceError(
    'DecryptionFailure',
    "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
  );

export const cannotEncrypt = () =>
  new ServiceError(
    'EncryptionFailure',
    "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS key is available, enabled, and not in an invalid state.",
  );
