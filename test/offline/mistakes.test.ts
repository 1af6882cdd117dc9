import { expect, it } from 'vitest';
import { planAll } from '../../offline/planner';
import { fixtureStack, outputOf, type Section } from './fixture';
import { HAS_ENGINE } from './needs-engine';

const run = HAS_ENGINE ? it : it.skip;

type Change = (parts: { json: Section; key: Section; secret: Section; version: Section }) => void;

/** What is broken, how, and what the engine must say at which construct. */
const MISTAKES: readonly (readonly [string, Change, RegExp, string])[] = [
  [
    'a resource that is not there',
    ({ secret }) => (secret.kms_key_id = '${aws_kms_key.gone.arn}'),
    /undeclared resource/,
    'secret',
  ],
  ['a local that is not there', ({ key }) => (key.description = '${local.gone}'), /undeclared local/, 'key'],
  ['a variable that is not there', ({ key }) => (key.description = '${var.gone}'), /undeclared input variable/, 'key'],
  [
    'a data source that is not there',
    ({ key }) => (key.description = '${data.aws_region.x.name}'),
    /undeclared resource/,
    'key',
  ],
  ['a module that is not there', ({ key }) => (key.description = '${module.x.y}'), /undeclared module/, 'key'],
  ['an unknown function', ({ key }) => (key.description = '${nonsense("a")}'), /unknown function/i, 'key'],
  [
    'too many arguments of a function',
    ({ key }) => (key.description = '${upper("a", "b")}'),
    /Too many function arguments/,
    'key',
  ],
  [
    'a wrong argument of a function',
    ({ key }) => (key.description = '${file(["a"])}'),
    /Invalid function argument/,
    'key',
  ],
  [
    'a file that is not there',
    ({ key }) => (key.description = '${file("gone.txt")}'),
    /Invalid function argument/,
    'key',
  ],
  ['an unknown attribute', ({ key }) => (key.nonsense = 1), /Extraneous JSON object property/, 'key'],
  [
    'an unknown attribute in a block',
    ({ secret }) => (secret.replica = [{ region: 'eu-west-1', nonsense: 1 }]),
    /Extraneous JSON object property/,
    'secret',
  ],
  ['a missing argument', ({ version }) => delete version.secret_id, /Missing required argument/, 'seed/version'],
  ['a missing argument in a block', ({ secret }) => (secret.replica = [{}]), /Missing required argument/, 'secret'],
  [
    'too many blocks',
    ({ json }) => {
      const body = { '//': { metadata: { path: 'fixture/rotator' } }, function_name: 'a', role: 'b' };
      Object.assign(json.resource as Section, { aws_lambda_function: { f: { ...body, environment: [{}, {}] } } });
    },
    /Too many environment blocks/,
    'rotator',
  ],
  ['a wrong type', ({ key }) => (key.enable_key_rotation = 'perhaps'), /Incorrect attribute value type/, 'key'],
  ['a list for a text', ({ key }) => (key.description = ['a']), /Incorrect attribute value type/, 'key'],
  [
    'an attribute that a type lacks',
    ({ secret }) => (secret.kms_key_id = '${aws_kms_key.key.nonsense}'),
    /Unsupported attribute/,
    'secret',
  ],
  [
    'a cycle',
    ({ key }) => (key.description = '${aws_secretsmanager_secret.secret.id}'),
    /Cycle/,
    'key, fixture/secret',
  ],
  [
    'a reference to itself',
    ({ key }) => (key.description = '${aws_kms_key.key.arn}'),
    /Self-referential block|Cycle/,
    'key',
  ],
  ['a bad template', ({ key }) => (key.description = '${upper("a"'), /Unterminated function call/, 'key'],
  [
    'an ephemeral value in a stored argument',
    ({ key }) => (key.description = '${ephemeral.random_password.seed.result}'),
    /Invalid use of ephemeral value|Ephemeral value used in non-ephemeral context/,
    'key',
  ],
  [
    'an ephemeral value in an output',
    ({ json }) => (json.output = { o: { value: '${ephemeral.random_password.seed.result}' } }),
    /Ephemeral value not allowed|Output does not allow ephemeral value/,
    'output.o',
  ],
  [
    'an unknown type',
    ({ json }) => Object.assign(json.resource as Section, { aws_nonsense: { x: {} } }),
    /Invalid resource type/,
    'aws_nonsense',
  ],
  [
    'an unknown meta-argument of lifecycle',
    ({ key }) => (key.lifecycle = { nonsense: true }),
    /Extraneous JSON object property/,
    'key',
  ],
  [
    'an ignored change that is not there',
    ({ key }) => (key.lifecycle = { ignore_changes: ['nonsense'] }),
    /Unsupported attribute/,
    'key',
  ],
  [
    'a dependency that is not there',
    ({ key }) => (key.depends_on = ['aws_kms_key.gone']),
    /undeclared resource/,
    'key',
  ],
  [
    'a provider alias that is not there',
    ({ key }) => (key.provider = 'aws.gone'),
    /Provider configuration not present/,
    'key',
  ],
  [
    'a password too short for its classes',
    ({ json }) =>
      Object.assign((json.ephemeral as { random_password: { seed: Section } }).random_password.seed, { min_lower: 41 }),
    /at least the sum/,
    'seed/password',
  ],
];

run.each(MISTAKES)('finds %s', async (_name, change, message, construct) => {
  const json = structuredClone(fixtureStack());
  const resource = json.resource as Record<string, Record<string, Section>>;
  change({
    json,
    key: resource.aws_kms_key?.key ?? {},
    secret: resource.aws_secretsmanager_secret?.secret ?? {},
    version: resource.aws_secretsmanager_secret_version?.seed ?? {},
  });
  const { summaries } = await planAll({ env: process.env, outdir: outputOf(json), prefer: 'stand-in' });
  const problems = summaries[0]?.problems ?? [];
  expect(summaries[0]?.planned).toBe(false);
  // One line must say both what is wrong and where.
  const place = /^(aws_|output)/.test(construct) ? construct : `fixture/${construct}:`;
  expect(problems.filter((line) => message.test(line) && line.includes(place))).not.toEqual([]);
});
