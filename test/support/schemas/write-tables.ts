import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSchemas } from './format';
import { emittedTypes, realTypes, rowOf, TABLE_VERSIONS } from './table-rows';

/** Writes the committed tables anew from the folder that `STRONGROOM_SCHEMAS` names; format them with Biome afterwards. */
function writeTables(folder: string): void {
  for (const provider of Object.keys(TABLE_VERSIONS) as (keyof typeof TABLE_VERSIONS)[]) {
    const real = realTypes(folder, provider);
    const types = emittedTypes().filter((type) => type.startsWith(`${provider}_`));
    const rows = Object.fromEntries(types.map((type) => [type, rowOf(type, real[type] ?? {})]));
    const text = [
      "import type { Table } from './row';",
      '',
      `/** Types of ${provider} that Strongroom emits. */`,
      `export const ${provider.toUpperCase()}: Table = ${JSON.stringify(rows, undefined, 2)};`,
      '',
    ].join('\n');
    writeFileSync(join(__dirname, '../../../offline/stand-in/tables', `${provider}.ts`), text);
  }
}

const found = findSchemas();
if (typeof found === 'string') throw new Error(found);
writeTables(found.folder);
