import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findEngine } from '../../offline/engine';
import { pluginFolders, pluginsOf } from '../../offline/plugins';
import { beside, line, type Measured, measure, median } from './measure';

const ROOT = resolve(__dirname, '../..');
const RUNS = { one: 5, all: 3, detached: 3, large: 1 } as const;
const STACK = 'prod-myapp-aws';
/** Seconds that a plan on stand-ins may take on two cores: of one stack, and of all default stacks. */
const TARGETS = { one: 1.5, all: 8 } as const;
/** Groups of five resources in the large stack. */
const GROUPS = 1_000;

/** Stand-ins are measured with what every checkout has. */
const BINDINGS = { STRONGROOM_SCHEMAS: '' };

/** Lines about plans without credentials; one line that says why where there is no engine. */
export async function planLines(temporary: string): Promise<readonly string[]> {
  const engine = await findEngine(process.env);
  if (typeof engine === 'string') return [`plans not measured: ${engine}`];
  const outdir = join(temporary, 'plans');
  measure(process.execPath, ['--import', 'tsx', 'main.ts'], ROOT, { CDKTF_OUTDIR: outdir });
  const plan = (...args: readonly string[]) =>
    measure(
      process.execPath,
      ['--import', 'tsx', 'cli/strongroom.ts', 'plan', '--out', outdir, ...args],
      ROOT,
      BINDINGS,
    );
  // Once before, so that what bindings hold is kept already, as it is after a first run.
  plan('--stand-in');
  const one = repeat(RUNS.one, () => plan('--stand-in', STACK));
  const all = repeat(RUNS.all, () => plan('--stand-in'));
  return [
    detachedLine(one, plan),
    line('plan of all default stacks on stand-ins', all, one, `plan of ${STACK} alone`, TARGETS.all),
    largeLine(temporary),
  ];
}

/** The same stack on the real aws plugin. */
function detachedLine(one: Measured, plan: (...args: readonly string[]) => Measured): string {
  const what = `plan of ${STACK} on stand-ins`;
  const [plugin] = pluginsOf('registry.terraform.io/hashicorp/aws', pluginFolders(process.env));
  if (plugin === undefined)
    return `${what}: ${one.seconds.toFixed(2)} s (${beside(TARGETS.one, one)}); no aws plugin is at hand to compare with`;
  const detached = repeat(RUNS.detached, () => plan('--allow-provider', `aws=${plugin.version}`, STACK));
  return line(what, one, detached, `on the aws plugin ${plugin.version}, detached`, TARGETS.one);
}

/** Five thousand resources on a stand-in, and as many of the engine's own. */
function largeLine(temporary: string): string {
  const stack = largeStack();
  const of = (name: string, json: Stack) => {
    const folder = join(temporary, name);
    writeOutput(folder, json);
    return repeat(RUNS.large, () =>
      measure(process.execPath, ['--import', 'tsx', 'test/bench/planned.ts', folder], ROOT),
    );
  };
  const ours = of('large', stack);
  const baseline = of('large-terraform-data', asTerraformData(stack));
  const what = `plan of ${GROUPS * 5} resources on a stand-in`;
  return line(what, ours, baseline, 'the same resources as terraform_data');
}

type Bodies = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface Stack {
  readonly terraform: object;
  readonly provider?: object;
  readonly resource: Readonly<Record<string, Bodies>>;
}

function largeStack(): Stack {
  const groups = Array.from({ length: GROUPS }, (_, n) => n);
  const each = (body: (n: number) => Readonly<Record<string, unknown>>): Bodies =>
    Object.fromEntries(groups.map((n) => [`r${n}`, body(n)]));
  return {
    terraform: { required_providers: { aws: { source: 'hashicorp/aws', version: '>= 6.26, < 7' } } },
    provider: { aws: [{ region: 'eu-central-1' }] },
    resource: {
      aws_kms_key: each((n) => ({ description: `key ${n}`, enable_key_rotation: true })),
      aws_secretsmanager_secret: each((n) => ({ name: `bench/${n}`, kms_key_id: `\${aws_kms_key.r${n}.arn}` })),
      aws_secretsmanager_secret_policy: each((n) => ({
        secret_arn: `\${aws_secretsmanager_secret.r${n}.arn}`,
        policy: JSON.stringify({ Version: '2012-10-17', Statement: [] }),
      })),
      aws_iam_role: each((n) => ({
        name: `bench-${n}`,
        assume_role_policy: JSON.stringify({ Version: '2012-10-17', Statement: [] }),
      })),
      aws_iam_role_policy: each((n) => ({
        name: 'granted',
        role: `\${aws_iam_role.r${n}.name}`,
        policy: JSON.stringify({ Version: '2012-10-17', Statement: [] }),
      })),
    },
  };
}

/** Every resource as the engine's own, with the same arguments and the same order. */
function asTerraformData({ resource }: Stack): Stack {
  const renamed = (body: object): unknown =>
    JSON.parse(JSON.stringify(body).replace(/\b(aws_\w+)\.(r\d+)\.\w+/g, 'terraform_data.$1_$2.id'));
  const bodies = Object.entries(resource).flatMap(([type, ones]) =>
    Object.entries(ones).map(([name, body]) => [`${type}_${name}`, { input: renamed(body) }] as const),
  );
  return { terraform: {}, resource: { terraform_data: Object.fromEntries(bodies) } };
}

function writeOutput(folder: string, stack: Stack): void {
  mkdirSync(join(folder, 'stacks', 'large'), { recursive: true });
  writeFileSync(join(folder, 'stacks', 'large', 'cdk.tf.json'), JSON.stringify(stack));
  const entry = { name: 'large', synthesizedStackPath: 'stacks/large/cdk.tf.json', dependencies: [] };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ stacks: { large: entry } }));
}

function repeat(times: number, run: () => Measured): Measured {
  return median(Array.from({ length: times }, run));
}
