import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

/** The command, in the package: one file, so that installing the constructs brings none of its libraries. */
const COMMAND = 'dist/command/strongroom.js';

/** What is in the command beside the command's own code, with the licences that it comes under. */
const NOTICES = 'dist/command/THIRD-PARTY.txt';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)(\..+)?$/i;

/** Bundles the command with its libraries into one file, with their licences beside it. */
export async function bundleCommand(root: string, target: string = root): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['cli/strongroom.ts'],
    outfile: join(target, COMMAND),
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    minifyWhitespace: true,
    legalComments: 'none',
    // Looked for only where it is installed, and never wanted.
    external: ['pg-native'],
    metafile: true,
    logLevel: 'error',
  });
  mkdirSync(dirname(join(target, NOTICES)), { recursive: true });
  writeFileSync(join(target, NOTICES), notices(root, packagesOf(Object.keys(metafile.inputs))));
}

/** Folders of packages that files are from, each once, in an order of its own. */
function packagesOf(inputs: readonly string[]): readonly string[] {
  const folders = inputs.flatMap((file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []);
  return [...new Set(folders)].sort();
}

function notices(root: string, folders: readonly string[]): string {
  const texts = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    const files = readdirSync(join(root, folder))
      .filter((file) => LICENCE_FILE.test(file))
      .sort();
    const written = files.map((file) => readFileSync(join(root, folder, file), 'utf8').trim());
    return [`${name} ${version}, ${license}`, ...written].join('\n\n');
  });
  return `${[...new Set(texts)].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

async function main(root: string): Promise<void> {
  if (!existsSync(join(root, 'cli'))) throw new Error(`${root} does not hold the command's sources`);
  await bundleCommand(root, process.argv[2] ?? root);
}

if (require.main === module) {
  main(join(__dirname, '..')).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
