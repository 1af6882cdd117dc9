import { unzipSync } from 'fflate';

/** A place that must not hold a value. */
export interface Place {
  readonly name: string;
  readonly text: string;
}

/**
 * Which values stand in which place: as they are, escaped for JSON once or twice, for a URL or HTML, as hex or base64.
 *
 * @returns one line per find, which names the place and the form, never the value
 */
export function findLeaks(places: readonly Place[], values: readonly string[]): readonly string[] {
  return places.flatMap(({ name, text }) =>
    values.flatMap((value, index) =>
      forms(value).flatMap(([form, written]) =>
        text.includes(written) ? [`value ${index + 1} is in ${name}, ${form}`] : [],
      ),
    ),
  );
}

/** The files inside a plan file, which is a zip archive. */
export function insidePlan(name: string, plan: Buffer): readonly Place[] {
  return Object.entries(unzipSync(plan)).map(([file, content]) => ({
    name: `${name}/${file}`,
    text: Buffer.from(content).toString('latin1'),
  }));
}

function forms(value: string): readonly (readonly [string, string])[] {
  const escaped = (text: string) => JSON.stringify(text).slice(1, -1);
  // Terraform writes these three as code points when it makes JSON.
  const escapedAsTerraform = escaped(value).replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
  return [
    ['as it is', value],
    ['escaped', escaped(value)],
    ['escaped twice', escaped(escaped(value))],
    ['escaped as Terraform does', escapedAsTerraform],
    ['escaped twice as Terraform does', escaped(escapedAsTerraform)],
    ['in a URL', encodeURIComponent(value)],
    ['in hex', Buffer.from(value).toString('hex')],
    ...[0, 1, 2].map((offset) => [`in base64 at offset ${offset}`, base64(value, offset)] as const),
    ...[0, 1, 2].map(
      (offset) => [`in JSON in base64 at offset ${offset}`, base64(escapedAsTerraform, offset)] as const,
    ),
  ];
}

/** The part of a value's base64 form that does not depend on what stands before and after it. */
function base64(value: string, offset: number): string {
  const whole = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)])
    .toString('base64')
    .replace(/=+$/, '');
  const first = offset === 0 ? 0 : offset + 1;
  const bytes = offset + Buffer.byteLength(value);
  return whole.slice(first, Math.floor((bytes * 8) / 6));
}
