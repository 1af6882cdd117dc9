import type { Diagnostic } from './diagnostics';

/**
 * What an engine says when whatever serves a provider is at fault and not the stack: a plugin that does not start, ends,
 * or speaks another protocol, and a stand-in that fails.
 */
const FAULTS: ReadonlySet<string> = new Set([
  'Failed to load plugin schemas',
  'Plugin did not respond',
  'Plugin error',
  'Request cancelled',
  'Unsupported plugin method',
  'invalid stand-in',
]);

/** How OpenTofu tells of a plugin that does not start, at whatever block it was wanted for first. */
const NOT_STARTED = /failed to instantiate provider/;

/** Longest part of an engine's words that goes into one line. */
const LONGEST = 400;

/** What is wrong with a plugin or a stand-in, in one line, if these errors are about one. */
export function pluginFault(diagnostics: readonly Diagnostic[]): string | undefined {
  const found = diagnostics.find(
    ({ severity, summary }) => severity === 'error' && (FAULTS.has(summary) || NOT_STARTED.test(summary)),
  );
  if (found === undefined) return undefined;
  return `${found.summary}: ${found.detail}`.replace(/\s+/g, ' ').slice(0, LONGEST).trim();
}
