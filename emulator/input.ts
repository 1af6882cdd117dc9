import { invalidParameter, invalidRequest, ServiceError, violated } from './errors';
import type { Value } from './store';

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html */
const SHORTEST_ROTATION_TOKEN = 36;
const LONGEST_ROTATION_TOKEN = 256;

/** A request's or an answer's members, as JSON has them. */
export type Input = Readonly<Record<string, unknown>>;

export function text(input: Input, key: string): string {
  const value = optionalText(input, key);
  if (value === undefined) throw invalidParameter(`You must provide ${key}.`);
  return value;
}

export function optionalText(input: Input, key: string): string | undefined {
  const value = input[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new ServiceError('SerializationException', `${key} is not a string.`);
  return value;
}

/** The token of the version to make, which SDKs add to a call by themselves. */
export function tokenIn(input: Input, refuse: (message: string) => Error = invalidRequest): string {
  const token = optionalText(input, 'ClientRequestToken');
  if (token === undefined) throw refuse('You must provide a ClientRequestToken value. We recommend a UUID-type value.');
  return token;
}

/** Checks the token of a rotation, which only a role of another account has to show. */
export function checkRotationToken(input: Input): void {
  const token = optionalText(input, 'RotationToken');
  if (token === undefined) return;
  if (token.length < SHORTEST_ROTATION_TOKEN)
    throw violated('rotationToken', `have length greater than or equal to ${SHORTEST_ROTATION_TOKEN}`);
  if (token.length > LONGEST_ROTATION_TOKEN)
    throw violated('rotationToken', `have length less than or equal to ${LONGEST_ROTATION_TOKEN}`);
  if (!/^[a-zA-Z0-9-]+$/.test(token))
    throw violated('rotationToken', 'satisfy regular expression pattern: ^[a-zA-Z0-9\\-]+$');
}

export function optionalNumber(input: Input, key: string): number | undefined {
  const value = input[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw new ServiceError('SerializationException', `${key} is not a whole number.`);
  return value;
}

export function list(input: Input, key: string): readonly unknown[] {
  const value = input[key];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new ServiceError('SerializationException', `${key} is not a list.`);
  return value;
}

export function texts(input: Input, key: string): readonly string[] {
  return list(input, key).map((item) => {
    if (typeof item !== 'string') throw new ServiceError('SerializationException', `${key} holds no strings.`);
    return item;
  });
}

export function objects(input: Input, key: string): readonly Input[] {
  return list(input, key).map((item) => {
    if (typeof item !== 'object' || item === null)
      throw new ServiceError('SerializationException', `${key} holds no objects.`);
    return item as Input;
  });
}

export function valueIn(input: Input): Value | undefined {
  const string = optionalText(input, 'SecretString');
  const binary = optionalText(input, 'SecretBinary');
  if (string !== undefined && binary !== undefined)
    throw invalidRequest('You must provide either SecretString or SecretBinary, not both.');
  if (string !== undefined) return { text: string };
  return binary === undefined ? undefined : { binary };
}
