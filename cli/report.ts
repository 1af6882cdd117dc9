import Table from 'cli-table3';
import type { StackSummary } from '../review/summary';

/** Where a report is printed. */
export interface Screen {
  /** Columns that fit into one line. */
  readonly width: number;
  readonly colour: boolean;
}

const HEAD = ['environment', 'stack', 'resources', 'secrets', 'who reads them'] as const;

/** Narrowest columns that still read, borders and padding not counted. */
const NARROWEST = { secrets: 16, readers: 14 } as const;

/** Where a run left its output. */
export interface Written {
  readonly outdir: string;
  /** The page with every next step. */
  readonly page: string;
}

/** What was synthesized, as a table, and what a person does next. */
export function report(stacks: readonly StackSummary[], written: Written, screen: Screen): string {
  return [
    table(stacks, screen),
    '',
    counted(stacks, written.outdir),
    ...unknownLines(stacks),
    '',
    'What to do next',
    ...nextSteps(stacks, written),
  ].join('\n');
}

/** The same in one line, for runs in which another program's output matters. */
export function shortReport(stacks: readonly StackSummary[], outdir: string): string {
  return [counted(stacks, outdir), ...unknownLines(stacks)].join('\n');
}

function table(stacks: readonly StackSummary[], { width, colour }: Screen): string {
  const rows = stacks.map(({ environment, stack, resources, secrets, readers }) => ({
    fixed: [environment, stack, String(resources)],
    secrets: secrets.join('\n'),
    readers: readers.join('\n'),
  }));
  const fixed = [0, 1, 2].map((n) => longest([HEAD[n] ?? '', ...rows.map((row) => row.fixed[n] ?? '')]) + 2);
  const rest = Math.max(0, width - fixed.reduce((sum, one) => sum + one, 0) - HEAD.length - 1);
  const wanted = {
    secrets: longest([HEAD[3], ...rows.flatMap((row) => row.secrets.split('\n'))]) + 2,
    readers: longest([HEAD[4], ...rows.flatMap((row) => row.readers.split('\n'))]) + 2,
  };
  const readers = Math.max(NARROWEST.readers, Math.min(wanted.readers, Math.floor(rest * 0.45)));
  const secrets = Math.max(NARROWEST.secrets, Math.min(wanted.secrets, rest - readers));
  const printed = new Table({
    head: HEAD.map((title) => (colour ? bold(title) : title)),
    colWidths: [...fixed, secrets, readers],
    colAligns: ['left', 'left', 'right', 'left', 'left'],
    // The library would decide on colours by itself, for a terminal that it takes to be its own.
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows)
    printed.push([...row.fixed, wrapped(row.secrets, secrets - 2), wrapped(row.readers, readers - 2)]);
  return printed.toString();
}

/** As ANSI terminals write it: who prints decides on colour, not the process that this runs in. */
function bold(text: string): string {
  return `\u001b[1m${text}\u001b[22m`;
}

/** Lines of at most a width, broken at a joint of a name where there is one, so that its parts can still be read. */
function wrapped(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => brokenLine(line, width))
    .join('\n');
}

function brokenLine(line: string, width: number): readonly string[] {
  if (line.length <= width) return [line];
  const joint = Math.max(...['-', '/', ' '].map((mark) => line.lastIndexOf(mark, width - 1)));
  const end = joint < 0 ? width : joint + 1;
  return [line.slice(0, end).trimEnd(), ...brokenLine(line.slice(end), width)];
}

function counted(stacks: readonly StackSummary[], outdir: string): string {
  const resources = stacks.reduce((sum, stack) => sum + stack.resources, 0);
  const secrets = stacks.reduce((sum, stack) => sum + stack.secrets.length, 0);
  return `${stacks.length} stacks with ${resources} resources and ${secrets} secrets written to ${outdir}`;
}

function unknownLines(stacks: readonly StackSummary[]): readonly string[] {
  return stacks.flatMap(({ stack, unknown }) =>
    unknown.map((one) => `can't tell what is readable in ${stack}: ${one}`),
  );
}

function nextSteps(stacks: readonly StackSummary[], { outdir, page }: Written): readonly string[] {
  const environments = [...new Set(stacks.map(({ environment }) => environment))];
  const first = stacks.filter(({ environment, nextSteps }) => environment === environments[0] && nextSteps.length > 0);
  return [
    `  read ${outdir}, then deploy one environment at a time; CDKTF keeps the order of its stacks:`,
    ...environments.map((environment) => `    npx cdktf deploy '${environment}-*'`),
    ...(first.length === 0
      ? []
      : [`  do what Terraform can't; the commands, and the other environments, are in ${page}:`]),
    ...first.flatMap(({ stack, nextSteps }) => [
      `    ${stack}`,
      ...nextSteps.map((step) => `      - ${titleOf(step)}`),
    ]),
  ];
}

function titleOf(step: string): string {
  return step.split('\n', 1)[0] ?? '';
}

/** Every step of every stack with its commands, as a page of Markdown; empty where no stack has one. */
export function nextStepsPage(stacks: readonly StackSummary[]): string {
  const sections = stacks
    .filter(({ nextSteps }) => nextSteps.length > 0)
    .map(({ stack, nextSteps }) => [`## ${stack}`, ...nextSteps.map(stepSection)].join('\n\n'));
  return sections.length === 0 ? '' : `${['# What Terraform does not do', ...sections].join('\n\n')}\n`;
}

function stepSection(step: string): string {
  const [title = '', ...lines] = step.trimEnd().split('\n');
  if (lines.length === 0) return title;
  return [`${title}:`, '', '```text', ...lines.map((line) => line.replace(/^ {2}/, '')), '```'].join('\n');
}

function longest(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => text.length));
}
