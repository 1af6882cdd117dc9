/** Something that a person does once, outside Terraform. */
export interface NextStep {
  /** When and why, one sentence. */
  readonly what: string;
  /** The command, SQL or text to use; nothing in it is a secret. */
  readonly run: string;
}
