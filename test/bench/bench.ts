import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Argument, Command } from 'commander';
import { line, type Measured, measure, median } from './measure';
import { planLines } from './plans';
import { codeLines, rotationLines } from './rotation';
import { sameResources } from './same-resources';

/**
 * Prints each figure beside its baseline, both from this run on this machine. Read the ratios, not the seconds.
 *
 * The baseline of the first is the template that CDKTF's own `init` writes: `npx cdktf synth` with ts-node. It is
 * installed into a temporary folder, for which npm and its registry are needed. The baseline of the second is the same
 * resources, written in the bindings' plain classes. Plans on stand-ins stand beside the real aws plugin, where it is at
 * hand, and beside resources that the engine itself has.
 */
const ROOT = resolve(__dirname, '../..');
const RUNS = { synth: 5, many: 5, template: 3 } as const;
/** What the compiler is told to read is what a checkout needs. */
const SOURCES: readonly string[] = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8')).include;

/** What ts-node compiles with: TypeScript 7 has no compiler that it could call. */
const TEMPLATE = { typescript: '5.9.3', 'ts-node': '10.9.2' } as const;

const EXAMPLES = `
Parts:
  synth     cold start, and a thousand secrets
  plan      plans without credentials
  rotation  the rotation function, in each database that is here
  code      of it what needs no database: size, time to load, a silent server

Examples:
  npm run bench
  npm run bench -- plan

Exit code: 0 when everything was measured, whether or not a target was missed; 1 when something failed; 2 for a part that there is not.
`;

const temporary = mkdtempSync(join(tmpdir(), 'strongroom-bench-'));
const remove = () => rmSync(temporary, { recursive: true, force: true });
const PARTS: Readonly<Record<string, () => AsyncIterable<string> | Promise<Iterable<string>>>> = {
  rotation: rotationLines,
  synth: async () => [coldStart(), manySecrets()],
  plan: () => planLines(temporary),
  code: codeLines,
};

new Command('bench')
  .description('print each figure beside its baseline or target, all of one run')
  .addArgument(new Argument('[part]', 'only this; all when left out').choices(Object.keys(PARTS)))
  .addHelpText('after', EXAMPLES)
  .exitOverride(({ exitCode }) => {
    remove();
    process.exit(exitCode === 0 ? 0 : 2);
  })
  .action(bench)
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(remove);

async function bench(only: string | undefined): Promise<void> {
  // What needs no database is part of the rotation function's figures.
  const parts = only === undefined ? ['rotation', 'synth', 'plan'] : [only];
  for (const part of parts) for await (const one of await (PARTS[part]?.() ?? [])) console.log(one);
}

/** Type check and synthesis of the default environments, with nothing left from an earlier run but the bundle. */
function coldStart(): string {
  const own = repeat(RUNS.synth, () => {
    const folder = checkout('own');
    const start = measure(process.execPath, [tool('typescript/bin/tsc'), '-p', '.'], folder);
    const synth = measure(process.execPath, ['dist/main.js'], folder);
    return { seconds: start.seconds + synth.seconds, peakMib: 0 };
  });
  const folder = template();
  const baseline = repeat(RUNS.template, () => {
    rmSync(join(folder, 'cdktf.out'), { recursive: true, force: true });
    return measure('npx', ['--no-install', 'cdktf', 'synth'], folder, { CHECKPOINT_DISABLE: '1' });
  });
  return line('cold type check and synth of dev, staging and prod', own, baseline, 'npx cdktf synth with ts-node');
}

/** A thousand rotated secrets in twenty stacks, and the same resources without Strongroom's constructs. */
function manySecrets(): string {
  const folder = checkout('many');
  measure(process.execPath, [tool('typescript/bin/tsc'), '-p', 'tsconfig.bench.json'], folder);
  const outOf = (program: string) => join(temporary, `out-${program}`);
  const once = (program: string) => {
    rmSync(outOf(program), { recursive: true, force: true });
    return measure(process.execPath, [`dist/test/bench/${program}.js`, outOf(program)], folder);
  };
  // One after the other in turns: what else the machine does meets both alike.
  const pairs = Array.from({ length: RUNS.many }, () => ({ own: once('many-secrets'), plain: once('plain-secrets') }));
  const resources = sameResources(outOf('many-secrets'), outOf('plain-secrets'));
  const own = median(pairs.map((pair) => pair.own));
  const plain = median(pairs.map((pair) => pair.plain));
  const what = `1,000 rotated secrets in 20 stacks, ${resources} resources`;
  return line(what, own, plain, 'the same resources in plain CDKTF classes');
}

/** The source in a folder of its own, with this checkout's packages. */
function checkout(name: string): string {
  const folder = join(temporary, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const source of [...SOURCES, 'test/bench'])
    cpSync(join(ROOT, source), join(folder, source), { recursive: true });
  for (const file of ['package.json', 'tsconfig.json', 'cdktf.json'])
    copyFileSync(join(ROOT, file), join(folder, file));
  writeFileSync(
    join(folder, 'tsconfig.bench.json'),
    JSON.stringify({
      extends: './tsconfig.json',
      include: ['test/bench/many-secrets.ts', 'test/bench/plain-secrets.ts', ...SOURCES],
      compilerOptions: { declaration: false },
    }),
  );
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** The same stacks as an app of CDKTF's template: ts-node, which type-checks too, with a TypeScript that it can call. */
function template(): string {
  const folder = checkout('template');
  const tools = join(temporary, 'ts-node');
  mkdirSync(tools);
  writeFileSync(join(tools, 'package.json'), JSON.stringify({ private: true, dependencies: TEMPLATE }));
  measure('npm', ['install', '--no-audit', '--no-fund'], tools);
  const tsNode = join(tools, 'node_modules/ts-node/dist/bin.js');
  if (!existsSync(tsNode)) throw new Error(`npm installed no ts-node into ${tools}`);
  const app = `${process.execPath} ${tsNode} --compiler ${join(tools, 'node_modules/typescript')} main.ts`;
  writeFileSync(
    join(folder, 'cdktf.json'),
    JSON.stringify({ language: 'typescript', app, projectId: 'bench', sendCrashReports: 'false' }),
  );
  return folder;
}

function repeat(times: number, run: () => Measured): Measured {
  return median(Array.from({ length: times }, run));
}

function tool(path: string): string {
  return join(ROOT, 'node_modules', path);
}
