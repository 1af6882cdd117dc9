import { describe, expect, it } from 'vitest';
import { nextStepsPage, report, shortReport } from '../../cli/report';
import type { StackSummary } from '../../review/summary';

const stack = (over: Partial<StackSummary> = {}): StackSummary => ({
  environment: 'prod',
  stack: 'prod-myapp-aws',
  resources: 40,
  secrets: ['prod/myapp/database', 'prod/myapp/payment-provider'],
  readers: ['prod-myapp-execution', 'prod-myapp-database-rotation'],
  unknown: [],
  nextSteps: [],
  ...over,
});
const WRITTEN = { outdir: 'out', page: 'out/next-steps.md' };
const tableLines = (text: string) => text.split('\n').filter((line) => /^[│┌├└]/.test(line));

describe('report', () => {
  it('shows each secret and each reader in a line of its own where there is room', () => {
    const rows = tableLines(report([stack()], WRITTEN, { width: 140, colour: false }));
    expect(rows.filter((row) => row.includes('prod/myapp/'))).toHaveLength(2);
    expect(rows.some((row) => row.includes('prod-myapp-database-rotation'))).toBe(true);
  });

  it.each([80, 100, 120])('fits into %i columns, and cuts no name short', (width) => {
    const rows = tableLines(report([stack()], WRITTEN, { width, colour: false }));
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(width);
    const joined = [3, 4].map((n) => rows.map((row) => row.split('│')[n + 1]?.trim() ?? '').join('')).join(' ');
    expect(joined).toContain('prod/myapp/payment-provider');
    expect(joined).toContain('prod-myapp-database-rotation');
  });

  it('breaks a long name at its joints', () => {
    const rows = tableLines(report([stack()], WRITTEN, { width: 90, colour: false }));
    const readers = rows.map((row) => row.split('│')[5]?.trim() ?? '').filter((cell) => cell.startsWith('prod-'));
    expect(readers.every((cell) => /(?:-|execution|rotation)$/.test(cell))).toBe(true);
  });

  it('is coloured on a terminal alone', () => {
    const escapeCharacter = String.fromCharCode(27);
    expect(report([stack()], WRITTEN, { width: 120, colour: true })).toContain(escapeCharacter);
    expect(report([stack()], WRITTEN, { width: 120, colour: false })).not.toContain(escapeCharacter);
  });

  it('names a pattern to deploy for each environment, once', () => {
    const text = report([stack(), stack(), stack({ environment: 'dev' })], WRITTEN, { width: 120, colour: false });
    expect(text.match(/npx cdktf deploy .*/g)).toEqual(["npx cdktf deploy 'prod-*'", "npx cdktf deploy 'dev-*'"]);
  });

  it("names the next steps of the first environment's stacks, and the page with their commands", () => {
    const stacks = [
      stack({ nextSteps: ['put it in\n  aws put'] }),
      stack({ environment: 'dev', nextSteps: ['other'] }),
    ];
    const lines = report(stacks, WRITTEN, { width: 120, colour: false }).split('\n');
    expect(lines.slice(-3)).toEqual([
      "  do what Terraform can't; the commands, and the other environments, are in out/next-steps.md:",
      '    prod-myapp-aws',
      '      - put it in',
    ]);
  });

  it('says what it can not tell, in the short form too', () => {
    const unknown = [stack({ unknown: ['role: its policy is an expression'] })];
    const line = "can't tell what is readable in prod-myapp-aws: role: its policy is an expression";
    expect(report(unknown, WRITTEN, { width: 120, colour: false })).toContain(line);
    expect(shortReport(unknown, 'out').split('\n')).toEqual([
      '1 stacks with 40 resources and 2 secrets written to out',
      line,
    ]);
  });
});

describe('nextStepsPage', () => {
  it('holds every command of every stack', () => {
    expect(nextStepsPage([stack({ nextSteps: ['put it in\n  aws put\n    --file -'] })])).toBe(
      '# What Terraform does not do\n\n## prod-myapp-aws\n\nput it in:\n\n```text\naws put\n  --file -\n```\n',
    );
  });

  it('is empty where no stack has a step', () => {
    expect(nextStepsPage([stack()])).toBe('');
  });
});
