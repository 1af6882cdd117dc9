/**
 * The command that puts an external value into a secret: it is read from standard input, so that it appears neither in
 * a list of processes nor in a shell's history.
 *
 * @see https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html
 */
export function putCommand(name: string, region: string, fields: readonly string[] | undefined): string {
  const shape = fields === undefined ? '' : ` # a JSON object with ${fields.join(', ')}`;
  return `aws secretsmanager put-secret-value --region ${region} --secret-id ${name} --secret-string file:///dev/stdin${shape}`;
}
