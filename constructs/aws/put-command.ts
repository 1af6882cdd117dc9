/**
 * The command that puts an external value into a secret: it is read from standard input, so that it appears neither in
 * a list of processes nor in a shell's history.
 *
 * Ends of lines are dropped on the way: a terminal adds one, and a key with it at its end opens nothing. They are named
 * without a backslash, which Terraform doubles when it prints an output.
 *
 * @see https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html
 */
export function putCommand(name: string, region: string): string {
  return `tr -d '[:cntrl:]' | aws secretsmanager put-secret-value --region ${region} --secret-id ${name} --secret-string file:///dev/stdin`;
}
