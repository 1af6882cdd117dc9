/**
 * How one rotation ended, as Secrets Manager reports it.
 *
 * They are service events that CloudTrail delivers: without a trail in the account none of them arrives.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/cloudtrail_log_entries.html
 */
export type RotationOutcome = 'RotationSucceeded' | 'RotationFailed' | 'RotationAbandoned' | 'TestRotationFailed';

/** The outcomes after which somebody must look. */
export const FAILED_OUTCOMES: readonly RotationOutcome[] = [
  'RotationFailed',
  'RotationAbandoned',
  'TestRotationFailed',
];

/**
 * The pattern of an EventBridge rule for these outcomes of exactly these secrets.
 *
 * The secret is named by its whole ARN in `additionalEventData`; `requestParameters` and `resources` are empty.
 */
export function rotationEventPattern(outcomes: readonly RotationOutcome[], secretArns: readonly string[]): string {
  return JSON.stringify({
    source: ['aws.secretsmanager'],
    'detail-type': ['AWS Service Event via CloudTrail'],
    detail: {
      eventSource: ['secretsmanager.amazonaws.com'],
      eventName: outcomes,
      additionalEventData: { SecretId: secretArns },
    },
  });
}
