import { describe, expect, it } from 'vitest';
import { type ApiKeyRotationProps, ApiKeySecret } from '../../../constructs/aws/api-key-secret';
import type { ApiProvider } from '../../../constructs/aws/api-provider';
import type { AwsStack } from '../../../constructs/aws/aws-stack';
import { EcsService } from '../../../constructs/aws/ecs-service';
import { Secret } from '../../../constructs/aws/secret';
import { RotationSchedule } from '../../../constructs/core/rotation-schedule';
import { Value } from '../../../constructs/core/value';
import { readConfiguration } from '../../../rotation/configuration';
import {
  awsProduction,
  awsRefusals,
  awsStackJson,
  GIVEN_NETWORK,
  MYAPP,
  orderedAfter,
  resourceOf,
  resourcesOf,
  statementsIn,
} from '../../support/aws-stacks';

const ADMIN_ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:payments/admin-AbCdEf';
const OWN_ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/myapp/payments-GhIjKl';

const ADMIN = { Authorization: 'Bearer {admin:token}' };
const TEST = { path: '/me', headers: { Authorization: 'Bearer {key}' } };
const REVOKE = { method: 'DELETE', path: '/keys/{id}', headers: ADMIN } as const;

const CREATES: ApiProvider = {
  url: 'https://api.example.com/v1',
  list: { path: '/keys', headers: ADMIN, keys: 'data', id: 'id', tag: 'name', only: { status: 'active' } },
  create: { method: 'POST', path: '/keys', headers: ADMIN, body: { name: '{tag}' }, id: 'id', key: 'secret' },
  test: TEST,
  revoke: REVOKE,
};

const PROVIDERS: Readonly<Record<string, ApiProvider>> = {
  create: CREATES,
  chosen: {
    url: 'https://api.example.com',
    mode: 'chosen',
    list: { path: '/keys', headers: ADMIN, id: 'name', tag: 'name' },
    create: {
      method: 'PUT',
      path: '/keys/{tag}',
      headers: ADMIN,
      body: { key: '{key}' },
      statuses: { exists: [409] },
    },
    test: TEST,
    revoke: REVOKE,
  },
  slots: {
    url: 'https://api.example.com',
    mode: 'slots',
    list: { path: '/keys', headers: ADMIN, id: 'name', key: 'value' },
    regenerate: { method: 'POST', path: '/keys/{id}/regenerate', headers: ADMIN, key: 'value' },
    test: TEST,
  },
};

const OUTSIDE: ApiKeyRotationProps = {
  schedule: RotationSchedule.everyDays(90),
  rotateImmediately: true,
  provider: CREATES,
  wayOut: { kind: 'outside-network' },
};

const secretIn = (stack: AwsStack, members?: { id: string; key: string }) =>
  new ApiKeySecret(stack, 'payments', {
    name: 'myapp/payments',
    owner: 'payments',
    value: Value.external({ since: '2026-11-01' }),
    ...(members === undefined ? {} : { members }),
  });

const rotated =
  (props: Partial<ApiKeyRotationProps> = {}) =>
  (stack: AwsStack) => {
    const admin = Secret.fromArn(stack, 'admin', ADMIN_ARN);
    secretIn(stack).addRotation({ ...OUTSIDE, admin, ...props });
  };

const inGivenNetwork = awsProduction({ network: GIVEN_NETWORK });

async function variablesOf(props: Partial<ApiKeyRotationProps>): Promise<Record<string, string>> {
  const lambda = resourceOf(await awsStackJson(rotated(props)), 'aws_lambda_function');
  return (lambda['environment'] as { variables: Record<string, string> }).variables;
}

describe('a rotation of API keys', () => {
  it('tells the function the provider, the credential that manages keys, and its one secret', async () => {
    const { STRONGROOM_API, STRONGROOM_SECRETS, ...rest } = await variablesOf({});
    expect(JSON.parse(String(STRONGROOM_API))).toEqual(CREATES);
    expect(JSON.parse(String(STRONGROOM_SECRETS))).toHaveLength(1);
    expect(rest).toEqual({ STRONGROOM_ROTATOR: 'http-api-key', STRONGROOM_SUPERUSER_SECRET: ADMIN_ARN });
  });

  it.each(Object.keys(PROVIDERS))('is described as the function’s code reads it: %s', async (mode) => {
    const provider = PROVIDERS[mode] ?? CREATES;
    const variables = await variablesOf({ provider, grace: { hours: 2 } });
    const configuration = readConfiguration({ ...variables, STRONGROOM_SECRETS: JSON.stringify([OWN_ARN]) });
    expect(configuration).toMatchObject({
      rotator: 'http-api-key',
      superuserSecret: ADMIN_ARN,
      graceSeconds: 7200,
      api: { url: provider.url, limit: 2, exclusive: false, keys: { mode } },
    });
  });

  it('can keep a replaced key longer, or in an emergency not at all', async () => {
    expect((await variablesOf({ grace: { hours: 24 } }))['STRONGROOM_GRACE_SECONDS']).toBe('86400');
    expect((await variablesOf({ grace: {} }))['STRONGROOM_GRACE_SECONDS']).toBe('0');
  });

  it('names the members of the secret where they are not the usual ones', async () => {
    const json = await awsStackJson((stack) => {
      secretIn(stack, { id: 'client', key: 'token' }).addRotation(OUTSIDE);
    });
    const { variables } = resourceOf(json, 'aws_lambda_function')['environment'] as {
      variables: Record<string, string>;
    };
    expect(JSON.parse(String(variables['STRONGROOM_API']))).toMatchObject({ secret: { id: 'client', key: 'token' } });
  });

  it('runs outside of the network where that is said, and needs no right to its interfaces', async () => {
    const json = await awsStackJson(rotated());
    expect(resourceOf(json, 'aws_lambda_function')['vpc_config']).toBeUndefined();
    const statements = statementsIn(resourceOf(json, 'aws_iam_role_policy', 'rotation_role_policy'));
    expect(JSON.stringify(statements)).not.toContain('ec2:');
  });

  it('goes out of a given network to the ranges and lists that are named, on 443', async () => {
    const wayOut = { kind: 'network', cidrs: ['198.51.100.0/24'], prefixListIds: ['pl-0123456789abcdef0'] } as const;
    const json = await awsStackJson(rotated({ wayOut }), inGivenNetwork);
    const out = Object.entries(resourcesOf(json, 'aws_vpc_security_group_egress_rule')).filter(([name]) =>
      name.includes('provider-'),
    );
    expect(out.map(([, rule]) => rule)).toEqual([
      expect.objectContaining({ cidr_ipv4: '198.51.100.0/24', from_port: 443, to_port: 443 }),
      expect.objectContaining({ prefix_list_id: 'pl-0123456789abcdef0', from_port: 443, to_port: 443 }),
    ]);
    expect(orderedAfter(resourceOf(json, 'aws_secretsmanager_secret_rotation')).join()).toContain('provider-0');
  });

  it('makes a service say what it does after a rotation', async () => {
    const lines = await awsRefusals((stack) => {
      const secret = secretIn(stack);
      secret.addRotation(OUTSIDE);
      const secrets = { PAYMENT_KEY: secret.field('apiKey') };
      new EcsService(stack, 'service', { workload: MYAPP, image: 'myapp:1.4.2', secrets });
    });
    expect(lines).toEqual([expect.stringContaining('[SR-ECS-ON-ROTATION]')]);
  });

  it('is declared once', async () => {
    const lines = await awsRefusals((stack) => {
      const secret = secretIn(stack);
      secret.addRotation({ ...OUTSIDE, functionName: 'first' });
      secret.addRotation({ ...OUTSIDE, functionName: 'second' });
    });
    expect(lines).toEqual([
      expect.stringMatching(/^prod-myapp-aws\/payments\/second-rotation: .*\[SR-ROTATION-TWICE\]$/),
    ]);
  });

  it.each<[string, Partial<ApiKeyRotationProps>, string]>([
    ['http', { provider: { ...CREATES, url: 'http://api.example.com' } }, 'SR-API-PROVIDER'],
    ['a user in the address', { provider: { ...CREATES, url: 'https://me:x@api.example.com' } }, 'SR-API-PROVIDER'],
    ['one key at a time', { provider: { ...CREATES, limit: 1 } }, 'SR-API-PROVIDER'],
    ['a key in a path', { provider: { ...CREATES, test: { ...TEST, path: '/me?key={key}' } } }, 'SR-API-PROVIDER'],
    ['a test without the key', { provider: { ...CREATES, test: { path: '/me' } } }, 'SR-API-PROVIDER'],
    ['a long description', { provider: { ...CREATES, test: { ...TEST, body: 'x'.repeat(3072) } } }, 'SR-API-PROVIDER'],
    ['a network without a way out', { wayOut: { kind: 'network', cidrs: ['198.51.100.0/24'] } }, 'SR-API-WAY-OUT'],
    ['a long grace', { grace: { hours: 721 } }, 'SR-ROTATION-GRACE'],
    ['a short time', { timeoutSeconds: 5 }, 'SR-ROTATION-SIZE'],
    ['more than 90 days', { schedule: RotationSchedule.everyDays(91) }, 'SR-SCHEDULE-TOO-RARE'],
  ])('is refused with %s', async (_, props, code) => {
    expect(await awsRefusals(rotated(props))).toEqual([
      expect.stringMatching(new RegExp(`^prod-myapp-aws/payments/rotation: .*; .* \\[${code}\\]$`)),
    ]);
  });

  it.each([[[]], [['0.0.0.0/0']], [['198.51.100.1/24']]])('never goes out to %j', async (cidrs) => {
    expect(await awsRefusals(rotated({ wayOut: { kind: 'network', cidrs } }), inGivenNetwork)).toEqual([
      expect.stringContaining('[SR-API-WAY-OUT]'),
    ]);
  });

  it('says a provider’s fault without the description around it', async () => {
    const lines = await awsRefusals(rotated({ provider: { ...CREATES, limit: 1 } }));
    expect(lines).toEqual([
      'prod-myapp-aws/payments/rotation: provider.limit is 1, allowed are whole numbers from 2 up; a provider with one key at a time shuts everybody out between two keys [SR-API-PROVIDER]',
    ]);
  });
});
