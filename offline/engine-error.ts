import type { Outcome } from './process';

/** Longest part of an engine's words that goes into one line. */
const LONGEST = 400;

/** The first sentence of an error that an engine prints for people. */
export function engineError({ stdout, stderr }: Pick<Outcome, 'stdout' | 'stderr'>): string {
  const text = `${stderr}\n${stdout}`.replace(/[│╷╵]/g, ' ');
  const from = text.indexOf('Error:');
  const words = (from < 0 ? text : text.slice(from)).replace(/\s+/g, ' ').trim();
  return words.slice(0, LONGEST) || 'it printed nothing';
}
