import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { makeBundle } from '../../rotation/bundle';
import type { Subject } from './subject';

/** Unpacks the function into a folder, as Lambda does. */
export async function unpackFunction(folder: string): Promise<void> {
  for (const [name, content] of Object.entries(unzipSync((await makeBundle()).zip))) {
    writeFileSync(join(folder, name), content);
  }
}

/** The environment of a function, but for its own variables. */
export function environmentOf(endpoint: string): Readonly<Record<string, string>> {
  return {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
  };
}

/** Has a secret rotated by the packed function, unpacked into a folder and in a process of its own, as Lambda does. */
export async function rotateByPacked(subject: Subject, folder: string, endpoint: string): Promise<void> {
  await unpackFunction(folder);
  subject.handle = async (event) => {
    const source = `require('./index.js').handler(${JSON.stringify(event)}, { getRemainingTimeInMillis: () => 60_000 })
      .catch((error) => { console.error(error); process.exitCode = 1; });`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', '--eval', source], {
      cwd: folder,
      env: { ...environmentOf(endpoint), ...subject.variables },
    });
    subject.lines.push(stdout);
  };
}
