import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAst } from 'vitest/node';

const ROOT = join(__dirname, '..', '..');

/** A test as a page names it: its file, and a part of its name that only this test has there. */
export interface Citation {
  readonly file: string;
  readonly name: string;
}

export function citationsIn(text: string): readonly Citation[] {
  return [...text.matchAll(/`(test\/[^`]+\.ts)` “([^”]+)”/g)].map(([, file = '', name = '']) => ({ file, name }));
}

/** The cells of the rows of a page's tables whose first cell is an id. */
export function rowsOf(page: string, id: RegExp): readonly (readonly string[])[] {
  return readFileSync(join(ROOT, 'docs', page), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && id.test(line.split(' | ')[0]?.slice(2) ?? ''))
    .map((line) => line.replace(/^\| | \|$/g, '').split(' | '));
}

/** What is wrong with a citation, in words, or nothing. */
export function wrongWith({ file, name }: Citation): string | undefined {
  const path = join(ROOT, file);
  if (!existsSync(path)) return `${file} is missing`;
  if (!file.endsWith('.test.ts') && !isImported(file)) return `${file} is no test, and none imports it`;
  const found = testsIn(path).filter((one) => one.name.includes(name));
  const [test] = found;
  if (!test) return `${file} has no test “${name}”`;
  if (found.length > 1) return `${file} has ${found.length} tests “${name}”`;
  if (!test.runs) return `the test “${name}” of ${file} is skipped, or its body is empty`;
  return undefined;
}

interface Test {
  readonly name: string;
  readonly runs: boolean;
}

const known = new Map<string, readonly Test[]>();

/** Every `it` of a file, by what stands in its source: what is skipped there does not run anywhere. */
export function testsIn(path: string): readonly Test[] {
  const before = known.get(path);
  if (before) return before;
  const tests: Test[] = [];
  const source = readFileSync(path, 'utf8');
  const visit = (node: unknown, skipped: boolean): void => {
    if (Array.isArray(node)) for (const one of node) visit(one, skipped);
    if (!isNode(node)) return;
    const called = node.type === 'CallExpression' ? calledBy(textOf(node.callee, source)) : undefined;
    const inside = skipped || called?.skipped === true;
    if (called?.kind === 'it') {
      const [title, ...rest] = node.arguments as readonly Node[];
      // Of a template the text stands for the name; quotes go.
      const name = textOf(title, source).slice(1, -1).replaceAll("\\'", "'");
      tests.push({ name, runs: !inside && rest.some(hasStatements) });
    }
    for (const child of Object.values(node)) visit(child, inside);
  };
  visit(parseAst(source, { lang: 'ts' }), false);
  known.set(path, tests);
  return tests;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [part: string]: unknown;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Node>).type === 'string';
}

function textOf(node: unknown, source: string): string {
  return isNode(node) ? source.slice(node.start, node.end) : '';
}

/** Whether a call is of `it` or `describe`, with or without `.each`, and whether what it holds is left out. */
function calledBy(callee: string): { readonly kind: 'it' | 'describe'; readonly skipped: boolean } | undefined {
  const [, kind, rest = ''] = /^(it|test|describe)\b((?:\.|\().*)?$/s.exec(callee) ?? [];
  // `it.each(...)` alone has no name yet; the call of what it returns has.
  if (kind === undefined || /^(\.concurrent)?\.(each|skipIf|runIf)$/.test(rest)) return undefined;
  const skipped =
    /^(\.concurrent)?\.(skip|todo|fails)\b/.test(rest) || (/^\.(skipIf|runIf)\(/.test(rest) && !/canRun\(/.test(rest));
  return { kind: kind === 'describe' ? 'describe' : 'it', skipped };
}

function hasStatements(node: Node): boolean {
  if (node.type !== 'ArrowFunctionExpression' && node.type !== 'FunctionExpression') return false;
  const body = node.body as Node;
  return body.type !== 'BlockStatement' || (body.body as readonly Node[]).length > 0;
}

/** By a test, or by what a test imports. */
function isImported(file: string, asked: ReadonlySet<string> = new Set()): boolean {
  if (asked.has(file)) return false;
  const module = `/${file.split('/').slice(-2).join('/').replace(/\.ts$/, '')}'`;
  const neighbour = `'./${file.split('/').at(-1)?.replace(/\.ts$/, '')}'`;
  const folder = dirname(file);
  return readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((one) => one.endsWith('.ts'))
    .map((one) => join('test', one))
    .filter((one) => {
      const source = readFileSync(join(ROOT, one), 'utf8');
      return source.includes(module) || (dirname(one) === folder && source.includes(neighbour));
    })
    .some((one) => one.endsWith('.test.ts') || isImported(one, new Set([...asked, file])));
}
