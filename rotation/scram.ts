import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

/** What PostgreSQL itself uses. @see https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-SCRAM-ITERATIONS */
const ITERATIONS = 4096;

const SALT_BYTES = 16;

const derive = promisify(pbkdf2);

/**
 * What PostgreSQL stores in place of a password. It is made here, so that no statement, and so no log of the server, ever
 * holds the password.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5803
 */
export async function scramVerifier(password: string, salt: Buffer = randomBytes(SALT_BYTES)): Promise<string> {
  const salted = await derive(prepared(password), salt, ITERATIONS, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

/** Our own passwords are ASCII, which SASLprep leaves alone; one that a person chose is normalised as SASLprep does. */
function prepared(password: string): string {
  return password.normalize('NFKC');
}
