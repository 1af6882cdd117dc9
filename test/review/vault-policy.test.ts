import { describe, expect, it } from 'vitest';
import { capabilitiesOn, parsePolicy } from '../../review/vault-policy';

const rules = (...lines: readonly [path: string, ...capabilities: string[]][]) =>
  lines.map(([path, ...capabilities]) => ({ path, capabilities }));

describe('parsePolicy', () => {
  it('reads paths and their capabilities', () => {
    expect(
      parsePolicy('path "secret/data/a" {\n  capabilities = ["read", "list"]\n}\npath "b/*" { capabilities = [] }'),
    ).toEqual(rules(['secret/data/a', 'read', 'list'], ['b/*']));
  });

  it('reads past comments of all three kinds, and braces inside them and inside texts', () => {
    const text = `# path "no" {
      path "a/{{identity.entity.name}}" { // capabilities = ["deny"]
        /* { [ */ capabilities = ["read",] # }
      }`;
    expect(parsePolicy(text)).toEqual(rules(['a/{{identity.entity.name}}', 'read']));
  });

  it('reads past everything else that a rule may hold', () => {
    const text = `name = "app"
      path "a" {
        allowed_parameters = { "ttl" = ["1h", "2h"], nested = { x = [] } }
        min_wrapping_ttl = "100s"
        capabilities = ["create"]
        required_parameters = ["capabilities", "read"]
      }`;
    expect(parsePolicy(text)).toEqual(rules(['a', 'create']));
  });

  it('reads the older form', () => {
    expect(parsePolicy('path "a" { policy = "read" }')).toEqual(rules(['a', 'read', 'list']));
  });

  it('reads an escaped quote inside a path, and drops the slash before one', () => {
    expect(parsePolicy('path "/a\\"b" { capabilities = ["read"] }')).toEqual(rules(['a"b', 'read']));
  });

  it('reads nothing from an empty policy', () => {
    expect(parsePolicy('  \n')).toEqual([]);
  });

  it.each([
    'path "a" capabilities',
    'path "a" { capabilities = ["read"',
    'path "a" { capabilities ["read"] }',
    'path "a" { capabilities = <<EOT }',
    'jsonencode({})',
  ])('refuses %j, which is no policy', (text) => {
    expect(() => parsePolicy(text)).toThrow(/^policy /);
  });
});

describe('capabilitiesOn', () => {
  it('is nothing where no rule matches', () => {
    expect(capabilitiesOn(rules(['a/b', 'read']), 'a/c')).toEqual([]);
    expect(capabilitiesOn(rules(['a/b', 'read']), 'a/b/c')).toEqual([]);
  });

  it('takes * at the end for any end, and + for one segment', () => {
    expect(capabilitiesOn(rules(['a/*', 'read']), 'a/b/c')).toEqual(['read']);
    expect(capabilitiesOn(rules(['a/b*', 'read']), 'a/bc')).toEqual(['read']);
    expect(capabilitiesOn(rules(['a/+/c', 'read']), 'a/b/c')).toEqual(['read']);
    expect(capabilitiesOn(rules(['a/+', 'read']), 'a/b/c')).toEqual([]);
    expect(capabilitiesOn(rules(['+/+/*', 'read']), 'a/b/c')).toEqual(['read']);
  });

  it('takes a template of the identity for any one segment', () => {
    expect(capabilitiesOn(rules(['a/{{identity.entity.name}}/c', 'read']), 'a/me/c')).toEqual(['read']);
  });

  it('takes the rest of a path literally', () => {
    expect(capabilitiesOn(rules(['a.b', 'read']), 'axb')).toEqual([]);
  });

  it.each([
    ['an exact path before a glob', ['a/*', 'a/b']],
    ['a later wildcard before an earlier one', ['a/+/c', 'a/b/*']],
    ['a segment wildcard before a glob at the same place', ['a/*', 'a/+']],
    ['the fewer segment wildcards', ['a/+/+/d', 'a/+/c/d']],
    ['the longer glob', ['a/*', 'a/b*']],
  ])('prefers %s', (_, [weak, strong]) => {
    const path = 'a/b/c/d'.slice(0, weak?.includes('+/+/d') ? 7 : weak === 'a/+/c' ? 5 : 3);
    const both = rules([weak ?? '', 'read'], [strong ?? '', 'list']);
    expect(capabilitiesOn(both, path)).toEqual(['list']);
    expect(capabilitiesOn([...both].reverse(), path)).toEqual(['list']);
  });

  it('adds up what several policies say about the same path, unless one denies', () => {
    expect(capabilitiesOn(rules(['a', 'read'], ['a', 'list']), 'a')).toEqual(['read', 'list']);
    expect(capabilitiesOn(rules(['a', 'read'], ['a', 'deny']), 'a')).toEqual(['deny']);
    expect(capabilitiesOn(rules(['a/*', 'deny'], ['a/b', 'read']), 'a/b')).toEqual(['read']);
  });
});
