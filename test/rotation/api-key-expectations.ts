import { expect } from 'vitest';
import type { Fault } from '../support/key-service-faults';
import type { KeySubject } from './api-key-world';

/** The fault at the first of these operations. */
export function once(subject: KeySubject, operation: string, fault: Fault): void {
  let met = false;
  subject.keys.fault = (name) => {
    if (met || name !== operation) return undefined;
    met = true;
    return fault;
  };
}

/** A rotation ends with this error, and has changed nothing for clients. */
export async function failsWith(subject: KeySubject, name: string, message: RegExp = /./): Promise<void> {
  const before = await subject.value();
  const record = await subject.rotate();
  expect(record, String(record.error)).toMatchObject({ name: 'RotationFailed', error: { name } });
  expect((record.error as Error).message).toMatch(message);
  expect(await subject.value()).toEqual(before);
  expect(subject.works(before)).toBe(true);
}

/** What the function has noted in its log. */
export function notesOf(subject: KeySubject): readonly string[] {
  return subject.lines.flatMap((line) => (JSON.parse(line).notes ?? []) as string[]);
}
