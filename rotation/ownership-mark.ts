/**
 * The words by which a user says in the database to which secret it belongs. Secrets Manager ends an ARN with a hyphen and
 * six random characters, new at every creation of the same secret: they are left out.
 */
export function ownershipMark(secretArn: string): string {
  return `strongroom:${secretArn.replace(/-[A-Za-z0-9]{6}$/, '')}`;
}
