/**
 * Runs synchronous work without CDKTF's note of where each token was made.
 *
 * The notes take a quarter of the time of a large app, and end in nothing but texts that Strongroom's errors leave out.
 * Everybody else who asks for a stack trace meanwhile gets it.
 */
export function withoutCreationStacks<T>(work: () => T): T {
  const capture = Error.captureStackTrace;
  Error.captureStackTrace = (target, above) => {
    if (!isNote(target)) capture(target, above);
  };
  try {
    return work();
  } finally {
    Error.captureStackTrace = capture;
  }
}

/** CDKTF asks for a trace into a plain object that has an empty one, and takes that for no trace. */
function isNote(target: object): boolean {
  return Object.getPrototypeOf(target) === Object.prototype && (target as { readonly stack?: unknown }).stack === '';
}
