import { describe, expect, it } from 'vitest';
import { SecretType } from '../../../constructs/core/secret-type';
import { replaceBy, Value, valueProblems } from '../../../constructs/core/value';

describe('Value', () => {
  it('generates 32 characters in version 1 unless told otherwise', () => {
    expect(Value.generated({ since: '2026-11-01' })).toEqual({
      kind: 'generated',
      length: 32,
      version: 1,
      since: '2026-11-01',
    });
  });

  it('has no place where a value could be written down', () => {
    const all = [
      Value.generated({ since: '2026-11-01' }),
      Value.external({ since: '2026-11-01' }),
      Value.bornInStore(),
    ];
    expect(all.flatMap(Object.keys)).not.toContain('value');
  });
});

describe('valueProblems', () => {
  const codes = (value: Value) => valueProblems('value', value).flatMap((problem) => (problem ? [problem.code] : []));

  it('finds nothing wrong with defaults', () => {
    expect(codes(Value.generated({ since: '2026-11-01' }))).toEqual([]);
    expect(codes(Value.external({ since: '2026-11-01' }))).toEqual([]);
    expect(codes(Value.bornInStore())).toEqual([]);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses version %d: Terraform would never write, or never again', (version) => {
    expect(valueProblems('value', Value.generated({ since: '2026-11-01', version }))).toContainEqual({
      code: 'SR-VALUE-VERSION',
      property: 'value.version',
      message: `is ${version}, allowed are a whole number from 1 up`,
      fix: 'leave it out for the default',
    });
  });

  it.each([15, 1025, 20.5])('refuses a length of %d', (length) => {
    expect(valueProblems('value', Value.generated({ since: '2026-11-01', length }))).toContainEqual({
      code: 'SR-VALUE-LENGTH',
      property: 'value.length',
      message: `is ${length}, allowed are whole numbers from 16 to 1024`,
      fix: 'leave it out for the default',
    });
  });

  it.each([16, 1024])('takes a length of %d', (length) => {
    expect(codes(Value.generated({ since: '2026-11-01', length }))).toEqual([]);
  });

  it('reports a bad date, version and length together', () => {
    expect(codes(Value.generated({ since: 'today', version: 0, length: 1 }))).toEqual([
      'SR-DATE',
      'SR-VALUE-VERSION',
      'SR-VALUE-LENGTH',
    ]);
  });

  it('checks the date of an external value', () => {
    expect(codes(Value.external({ since: '2026-02-30' }))).toEqual(['SR-DATE']);
  });
});

describe('replaceBy', () => {
  it('is the date since when the value counts, and the longest period of its type', () => {
    expect(replaceBy(SecretType.API_KEY, Value.external({ since: '2026-11-01' }))).toBe('2027-01-30');
    expect(replaceBy(SecretType.DATABASE_CREDENTIAL, Value.generated({ since: '2026-11-01' }))).toBe('2026-12-01');
  });
});
