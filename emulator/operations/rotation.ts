import type { Context, Operate } from '../context';
import { invalidParameter, invalidRequest, ServiceError } from '../errors';
import { type Input, optionalText, text, tokenIn } from '../input';
import type { Invoke } from '../rotation-driver';
import { nextWindow, rulesIn } from '../schedule';
import { checkToken, holder, newToken, type Secret, tokenInUse } from '../store';

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html */
const LONGEST_LAMBDA_ARN = 2_048;

export const RotateSecret: Operate = (context, input) => {
  const { table, driver } = context;
  const token = tokenIn(input, invalidParameter);
  checkToken(token);
  const secret = table.find(text(input, 'SecretId'));
  const rules =
    typeof input.RotationRules === 'object' && input.RotationRules !== null ? input.RotationRules : undefined;
  const schedule = rules === undefined ? undefined : rulesIn(rules as Input);
  const lambdaArn = optionalText(input, 'RotationLambdaARN') ?? secret.rotation.lambdaArn;
  const invoke = invocable(context, lambdaArn);
  secret.rotation.lambdaArn = lambdaArn as string;
  secret.rotation.enabled = true;
  if (schedule) {
    secret.rotation.rules = schedule;
    secret.rotation.scheduled = context.clock.now();
  }
  reschedule(context, secret);
  const pending = holder(secret, 'AWSPENDING');
  if (pending && !pending.labels.has('AWSCURRENT')) {
    driver.start(secret, pending.id, invoke);
    throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
  }
  if (secret.versions.has(token)) throw tokenInUse(secret, token);
  if (input.RotateImmediately === false) {
    driver.test(table, secret, token, invoke);
    return { ARN: secret.arn, Name: secret.name };
  }
  begin(context, secret, token, invoke);
  return { ARN: secret.arn, Name: secret.name, VersionId: token };
};

export const CancelRotateSecret: Operate = ({ table, driver }, input) => {
  const secret = table.find(text(input, 'SecretId'));
  // The service's words, although this call enables nothing.
  if (secret.rotation.lambdaArn === undefined) {
    throw invalidRequest(
      "You tried to enable rotation on a secret that doesn't already have a Lambda function ARN configured and you didn't include such an ARN as a parameter in this call.",
    );
  }
  secret.rotation.enabled = false;
  delete secret.rotation.next;
  const pending = driver.stop(secret);
  return { ARN: secret.arn, Name: secret.name, ...(pending === undefined ? {} : { VersionId: pending }) };
};

/** Rotates what is due by its schedule; a rotation that is not complete is tried again with its own token. */
export function rotateBySchedule(context: Context, secret: Secret): void {
  const { rotation } = secret;
  reschedule(context, secret);
  const invoke = rotation.lambdaArn === undefined ? undefined : context.functionOf(rotation.lambdaArn);
  // A function that is gone can't be invoked, which the real service notes as a failed rotation.
  if (!invoke) return;
  const pending = holder(secret, 'AWSPENDING');
  if (pending && !pending.labels.has('AWSCURRENT')) context.driver.start(secret, pending.id, invoke);
  else begin(context, secret, newToken(), invoke);
}

function begin({ table, driver }: Context, secret: Secret, token: string, invoke: Invoke): void {
  table.remember(secret);
  holder(secret, 'AWSPENDING')?.labels.delete('AWSPENDING');
  table.placeholder(secret, token).labels.add('AWSPENDING');
  driver.start(secret, token, invoke);
}

export function reschedule({ clock }: Context, { rotation, created }: Secret): void {
  if (!rotation.rules || !rotation.enabled) return;
  const renewed = rotation.rules.AutomaticallyAfterDays === undefined ? 0 : (rotation.renewed ?? 0);
  const last = Math.max(rotation.lastRotated ?? 0, renewed, rotation.scheduled ?? created);
  rotation.next = nextWindow(rotation.rules, last, clock.now());
}

function invocable(context: Context, arn: string | undefined): Invoke {
  if (arn === undefined) throw invalidRequest('No Lambda rotation function ARN is associated with this secret.');
  if (arn.length > LONGEST_LAMBDA_ARN)
    throw invalidParameter(`RotationLambdaARN must <= ${LONGEST_LAMBDA_ARN} characters long.`);
  const invoke = context.functionOf(arn);
  if (invoke) return invoke;
  throw new ServiceError(
    'AccessDeniedException',
    'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.',
  );
}
