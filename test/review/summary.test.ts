import { describe, expect, it } from 'vitest';
import { summarize } from '../../review/summary';
import { policy, stackWith } from './support';

const secrets = stackWith(
  { 'aws_secretsmanager_secret.a': { name: 'b' }, 'aws_secretsmanager_secret.b': { name: 'a' }, 'aws_kms_key.k': {} },
  {
    data: { aws_region: { here: {} } },
    output: {
      next_steps_key: { description: 'put a in', value: 'aws put\n--from stdin\n' },
      b_next_steps_1234: { value: ['put b in', 'and c'] },
      other: { value: 'not printed' },
    },
  },
);
const readers = stackWith(
  {
    'aws_iam_role_policy.p': {
      role: 'reader',
      policy: policy({ Effect: 'Allow', Action: '*', Resource: 'arn:aws:secretsmanager:*:*:secret:a-??????' }),
    },
    'aws_iam_role_policy.q': { role: 'other', policy: '${jsonencode({})}' },
  },
  {},
  'network',
);

describe('summarize', () => {
  it('counts resources, not data sources, and lists secrets and readers once, in order', () => {
    expect(summarize([secrets, readers])[0]).toMatchObject({
      environment: 'prod',
      stack: 'prod-myapp-aws',
      resources: 3,
      secrets: ['a', 'b'],
      readers: ['reader'],
    });
  });

  it('shows a reader also at the stack that lets it in, and what nobody can tell', () => {
    expect(summarize([secrets, readers])[1]).toMatchObject({
      environment: '-',
      readers: ['reader'],
      unknown: ['other: its policy is an expression that only Terraform can read'],
    });
  });

  it('collects the next steps that a stack hands out, and no other output', () => {
    expect(summarize([secrets])[0]?.nextSteps).toEqual(['put a in\n  aws put\n  --from stdin', 'put b in\nand c']);
  });

  it('keeps the order in which the steps were numbered', () => {
    const output = Object.fromEntries([1, 10, 11, 2].map((n) => [`next_steps_${n}`, { value: `${n}` }]));
    expect(summarize([stackWith({}, { output })])[0]?.nextSteps).toEqual(['1', '2', '10', '11']);
  });
});
