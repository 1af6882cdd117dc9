import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

type Json = Readonly<Record<string, unknown>>;

/** Failed checks that stay, all for the same reason. */
export interface Accepted {
  /** Such as `CKV_AWS_116`. */
  readonly check: string;
  /** Construct paths. */
  readonly resources: readonly string[];
  readonly reason: string;
}

/** One failed check. */
export interface Failed {
  readonly check: string;
  /** Construct path. */
  readonly resource: string;
  /** What the check asks for. */
  readonly name: string;
}

interface CheckovRecord {
  readonly check_id: string;
  readonly check_name: string;
  readonly resource: string;
  readonly file_path: string;
}

interface CheckovReport {
  readonly results: {
    readonly passed_checks: readonly CheckovRecord[];
    readonly failed_checks: readonly CheckovRecord[];
  };
  readonly summary: { readonly parsing_errors: number };
}

const PRODUCTION = 'prod-';
/** Stacks with resources of these providers must have been judged; of Vault Checkov knows nothing. */
const KNOWN_PROVIDERS = ['aws', 'azurerm'];
const PLANTED = 'planted';

/** A bad resource in a file like every other one: unless it fails, nothing was judged. */
const PLANTED_STACK: Json = {
  terraform: { required_version: '>= 1.11' },
  moved: [{ from: 'aws_s3_bucket.old', to: 'aws_s3_bucket.open' }],
  provider: { aws: [{ region: 'eu-central-1' }] },
  resource: {
    aws_s3_bucket: { open: { bucket: 'open', acl: 'public-read', '//': { metadata: { path: `${PLANTED}/open` } } } },
  },
};
const PLANTED_CHECK = 'CKV_AWS_20';

/** A stack without the four things that make Checkov drop the whole file and succeed. */
export function readableByCheckov(stack: Json): Json {
  const { moved, removed, import: imported, terraform, ...rest } = stack;
  const { required_version, ...settings } = (terraform ?? {}) as Json;
  return { ...rest, terraform: settings };
}

/** Construct paths by the name that a block has in Terraform, which Checkov often reports without its type. */
export function constructPaths(stack: Json): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const section of [stack.resource, stack.data]) {
    for (const named of Object.values((section ?? {}) as Json)) {
      for (const [name, body] of Object.entries(named as Json)) {
        const { metadata } = ((body as Json)['//'] ?? {}) as { readonly metadata?: { readonly path?: string } };
        paths.set(name, metadata?.path ?? name);
      }
    }
  }
  return paths;
}

/** What differs between the failed checks and the accepted ones, in both directions; one line each. */
export function differences(failed: readonly Failed[], accepted: readonly Accepted[]): readonly string[] {
  const listed = accepted.flatMap(({ check, resources }) => resources.map((resource) => ({ check, resource })));
  const same = (a: { check: string; resource: string }, b: { check: string; resource: string }) =>
    a.check === b.check && a.resource === b.resource;
  return [
    ...failed
      .filter((one) => !listed.some((other) => same(one, other)))
      .map(({ check, resource, name }) => `failed without a reason: ${check} ${resource} (${name})`),
    ...listed
      .filter((one) => !failed.some((other) => same(one, other)))
      .map(({ check, resource }) => `has a reason but does not fail: ${check} ${resource}`),
    ...accepted.filter(({ reason }) => reason.trim() === '').map(({ check }) => `has no reason: ${check}`),
  ];
}

function main(checkov: string, outdir: string): void {
  const scan = mkdtempSync(join(tmpdir(), 'strongroom-checkov-'));
  try {
    const stacks = new Map<string, Json>([...productionStacks(outdir), [PLANTED, PLANTED_STACK]]);
    for (const [id, stack] of stacks) {
      mkdirSync(join(scan, id));
      writeFileSync(join(scan, id, 'cdk.tf.json'), JSON.stringify(readableByCheckov(stack), undefined, 2));
    }
    const problems = judge(runCheckov(resolve(checkov), scan), stacks);
    for (const problem of problems) console.error(problem);
    if (problems.length > 0) process.exitCode = 1;
  } finally {
    rmSync(scan, { recursive: true, force: true });
  }
}

function productionStacks(outdir: string): readonly (readonly [string, Json])[] {
  const { stacks } = readJson(join(outdir, 'manifest.json')) as { readonly stacks: Json };
  const ids = Object.keys(stacks).filter((id) => id.startsWith(PRODUCTION));
  if (ids.length === 0) throw new Error(`${outdir} holds no stack ${PRODUCTION}*`);
  return ids.map((id) => [id, readJson(join(outdir, 'stacks', id, 'cdk.tf.json')) as Json]);
}

function runCheckov(checkov: string, scan: string): CheckovReport {
  const options = ['--framework', 'terraform_json', '--skip-download', '--compact', '-o', 'json'];
  const { stdout, stderr, error } = spawnSync(checkov, ['-d', scan, ...options], {
    cwd: scan,
    env: { PATH: process.env.PATH, HOME: scan, CKV_PARSE_ERROR_FAIL: 'true' },
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (error !== undefined) throw error;
  try {
    return JSON.parse(stdout) as CheckovReport;
  } catch {
    throw new Error(`Checkov printed no report\n${stdout}\n${stderr}`);
  }
}

function judge({ results, summary }: CheckovReport, stacks: ReadonlyMap<string, Json>): readonly string[] {
  const stackOf = ({ file_path }: CheckovRecord) => file_path.split('/').at(-2) ?? '';
  const judged = new Set([...results.passed_checks, ...results.failed_checks].map(stackOf));
  const failed = results.failed_checks.map((record): Failed => {
    const name = record.resource.split('.').at(-1)?.replace(/\[.*$/, '') ?? '';
    const paths = constructPaths(stacks.get(stackOf(record)) ?? {});
    return {
      check: record.check_id,
      resource: paths.get(name) ?? `${stackOf(record)}/${record.resource}`,
      name: record.check_name,
    };
  });
  const own = failed.filter(({ resource }) => !resource.startsWith(`${PLANTED}/`));
  const accepted = readJson(join(__dirname, 'checkov.json')) as readonly Accepted[];
  const passed = results.passed_checks.filter((record) => stackOf(record) !== PLANTED).length;
  console.log(`Checkov: ${stacks.size - 1} production stacks, ${passed} checks passed, ${own.length} failed`);
  return [
    ...(summary.parsing_errors > 0 ? [`${summary.parsing_errors} files could not be parsed`] : []),
    ...(failed.some(({ check, resource }) => check === PLANTED_CHECK && resource === `${PLANTED}/open`)
      ? []
      : ['the planted bad resource did not fail: nothing was judged']),
    ...[...stacks]
      .filter(
        ([id, stack]) => !judged.has(id) && KNOWN_PROVIDERS.some((name) => name in ((stack.provider ?? {}) as Json)),
      )
      .map(([id]) => `${id} was not judged`),
    ...differences(own, accepted),
  ];
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

if (require.main === module) {
  const [checkov, outdir] = process.argv.slice(2);
  if (checkov === undefined || outdir === undefined) throw new Error('usage: checkov-judge.ts CHECKOV OUTDIR');
  main(checkov, outdir);
}
