import { type Context, mustEncrypt } from '../context';
import { holder, type Secret, type Value, type Version } from '../store';
import { reschedule } from './rotation';

/** Stores a value under a version, for a person or a rotation function; a new current value ends what was under way. */
export function store(
  context: Context,
  secret: Secret,
  token: string,
  value: Value,
  labels: readonly string[],
): Version {
  mustEncrypt(context);
  const again = secret.versions.get(token)?.value !== undefined;
  const unfinished = unfinishedBeside(secret, token);
  const version = context.table.put(secret, token, value, labels);
  // What was stored before is stored again without any effect, so nothing was written behind a rotation's back.
  if (again || !version.labels.has('AWSCURRENT')) return version;
  if (unfinished) context.driver.abandon(secret, unfinished.id);
  secret.rotation.renewed = context.clock.now();
  reschedule(context, secret);
  return version;
}

/** The version of a rotation that is not complete, unless it is the one that is written. */
function unfinishedBeside(secret: Secret, token: string): Version | undefined {
  const pending = holder(secret, 'AWSPENDING');
  if (!pending?.rotation || pending.id === token || pending.labels.has('AWSCURRENT')) return undefined;
  return pending;
}
