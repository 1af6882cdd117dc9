import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SecretValue } from '../../rotation/secret-value';

describe('SecretValue', () => {
  it.each([
    ['{"password":"old"}', '{"password":"new"}'],
    [
      '{ "a" : [1, {"password": "inner"}, "}"] , "password" : "old"\n}',
      '{ "a" : [1, {"password": "inner"}, "}"] , "password" : "new"\n}',
    ],
    [
      '{"big":12345678901234567890,"n":1.0,"password":null,"z":true}',
      '{"big":12345678901234567890,"n":1.0,"password":"new","z":true}',
    ],
    ['{"pass\\u0077ord":"ol\\"d","\\\\":"{"}', '{"pass\\u0077ord":"new","\\\\":"{"}'],
    ['{"password":{"deep":[",","]"]},"after":1}', '{"password":"new","after":1}'],
    ['{"other":1}', '{"other":1,"password":"new"}'],
    ['{}', '{"password":"new"}'],
    ['  {\t}\n', '  {\t"password":"new"}\n'],
  ])('changes one member of %s and no other byte', (before, after) => {
    expect(new SecretValue(before, 'AWSCURRENT').with({ password: 'new' })).toBe(after);
  });

  it('gives back what was put in, for members of all kinds at once', () => {
    const text = JSON.stringify({ password: 'old', host: 'h', port: 1, list: [1, 2], text: 'ü"\\' });
    const changed = new SecretValue(text, 'AWSCURRENT').with({
      port: 5432,
      password: 'n"e\\w',
      host: 'other',
      dbname: 'app',
    });
    expect(JSON.parse(changed)).toEqual({
      password: 'n"e\\w',
      host: 'other',
      port: 5432,
      list: [1, 2],
      text: 'ü"\\',
      dbname: 'app',
    });
  });

  it.each(['', 'null', '[]', '"text"', '{', '{"a":1}}', '7'])('refuses %j without showing it', (text) => {
    expect(() => new SecretValue(text, 'AWSPENDING')).toThrow('the value AWSPENDING is not a JSON object');
  });

  it('refuses the same key twice, because nobody knows which one counts', () => {
    expect(() => new SecretValue('{"password":"a","password":"b"}', 'AWSCURRENT')).toThrow(
      'has the key "password" twice',
    );
  });

  it('shows nothing when it is printed', () => {
    const value = new SecretValue('{"password":"hidden"}', 'AWSCURRENT');
    expect(`${inspect(value, { depth: 9, showHidden: true })}${JSON.stringify({ value })}`).not.toContain('hidden');
  });
});
