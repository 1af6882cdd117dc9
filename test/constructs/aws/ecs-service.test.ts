import { describe, expect, it } from 'vitest';
import type { AwsStack } from '../../../constructs/aws/aws-stack';
import { EcsCluster } from '../../../constructs/aws/ecs-cluster';
import { EcsService, type EcsServiceProps } from '../../../constructs/aws/ecs-service';
import { Secret } from '../../../constructs/aws/secret';
import { RotationSchedule } from '../../../constructs/core/rotation-schedule';
import { SecretType } from '../../../constructs/core/secret-type';
import { Value } from '../../../constructs/core/value';
import {
  AWS,
  awsProduction,
  awsRefusals,
  awsStackJson,
  databaseSecret,
  GIVEN_NETWORK,
  MYAPP,
  orderedAfter,
  resourceOf,
  resourcesOf,
  statementsIn,
  type TerraformBlock,
} from '../../support/aws-stacks';
import { SANDBOX } from '../../support/core-environment';

const service =
  (props: Partial<EcsServiceProps> = {}) =>
  (stack: AwsStack) => {
    new EcsService(stack, 'service', { workload: MYAPP, image: 'myapp:1.4.2', ...props });
  };

const paymentKey = (stack: AwsStack) =>
  new Secret(stack, 'payment-key', {
    name: 'myapp/payment-provider',
    type: SecretType.API_KEY,
    owner: 'payments',
    value: Value.external({ since: '2026-11-01' }),
  });

/** A service with a secret that rotates and one that does not. */
const withSecrets =
  (props: Partial<EcsServiceProps> = { onRotation: 'redeploy' }) =>
  (stack: AwsStack) => {
    const credentials = databaseSecret(stack);
    credentials.addRotation({ schedule: RotationSchedule.everyDays(30), rotateImmediately: true });
    const secrets = {
      DB_USERNAME: credentials.field('username'),
      DB_PASSWORD: credentials.field('password'),
      PAYMENT_KEY: paymentKey(stack).whole(),
    };
    service({ secrets, ...props })(stack);
  };

function container(definition: TerraformBlock): Readonly<Record<string, unknown>> {
  const [first, ...others] = JSON.parse(String(definition['container_definitions']));
  expect(others).toEqual([]);
  return first;
}

describe('a service of ECS', () => {
  it('injects a field with all three colons, and a whole secret by its ARN alone', async () => {
    const definition = resourceOf(await awsStackJson(withSecrets()), 'aws_ecs_task_definition');
    expect(container(definition)['secrets']).toEqual([
      {
        name: 'DB_PASSWORD',
        valueFrom: expect.stringMatching(/^\$\{[^}]+myapp-database_secret_[^}]+\.arn\}:password::$/),
      },
      {
        name: 'DB_USERNAME',
        valueFrom: expect.stringMatching(/^\$\{[^}]+myapp-database_secret_[^}]+\.arn\}:username::$/),
      },
      { name: 'PAYMENT_KEY', valueFrom: expect.stringMatching(/^\$\{[^}]+payment-key_secret_[^}]+\.arn\}$/) },
    ]);
  });

  it('lets its execution role read the secrets that it names, and no other', async () => {
    const json = await awsStackJson((stack) => {
      withSecrets()(stack);
      new Secret(stack, 'other', {
        name: 'myapp/other',
        type: SecretType.API_KEY,
        owner: 'payments',
        value: Value.external({ since: '2026-11-01' }),
      });
    });
    const statements = statementsIn(resourceOf(json, 'aws_iam_role_policy', 'service_execution_policy'));
    const readable = statements
      .filter(({ Action }) => String(Action).includes('GetSecretValue'))
      .map(({ Resource }) => String(Resource).replace(/_[0-9A-F]{8}\.arn\}$/, ''));
    expect(readable).toEqual([
      '${aws_secretsmanager_secret.myapp-database_secret',
      '${aws_secretsmanager_secret.payment-key_secret',
    ]);
  });

  it('lets its execution role pull the one image, decrypt through Secrets Manager and write to its own log', async () => {
    const statements = statementsIn(
      resourceOf(await awsStackJson(withSecrets()), 'aws_iam_role_policy', 'service_execution_policy'),
    );
    expect(statements.find(({ Sid }) => Sid === 'PullImage')).toMatchObject({
      Resource: 'arn:aws:ecr:eu-central-1:111122223333:repository/myapp',
    });
    expect(statements.filter(({ Resource }) => Resource === '*').map(({ Action }) => Action)).toEqual([
      'ecr:GetAuthorizationToken',
    ]);
    expect(
      statements.filter(({ Action }) => String(Action).includes('kms:')).map(({ Condition }) => Condition),
    ).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ StringEquals: { 'kms:ViaService': 'secretsmanager.eu-central-1.amazonaws.com' } }),
      ]),
    );
    expect(statements.find(({ Sid }) => Sid === 'WriteLogs')?.Resource).toMatch(/service_logs_[0-9A-F]{8}\.arn\}:\*$/);
  });

  it('gives the program a role of its own, without rights until something is granted to it', async () => {
    const without = await awsStackJson(withSecrets());
    const roles = resourceOf(without, 'aws_ecs_task_definition');
    expect(roles['task_role_arn']).not.toBe(roles['execution_role_arn']);
    expect(Object.keys(resourcesOf(without, 'aws_iam_role_policy')).join()).not.toContain('service_task');

    const granted = await awsStackJson((stack) => {
      const { taskRole } = new EcsService(stack, 'service', { workload: MYAPP, image: 'myapp:1.4.2' });
      paymentKey(stack).grantRead(taskRole);
    });
    expect(statementsIn(resourceOf(granted, 'aws_iam_role_policy', 'service_task_policy'))[0]).toMatchObject({
      Action: ['secretsmanager:GetSecretValue'],
    });
  });

  it('lets its roles be taken for tasks of this account only', async () => {
    const role = resourceOf(await awsStackJson(service()), 'aws_iam_role', 'service_execution_role');
    expect(statementsIn(role, 'assume_role_policy')).toEqual([
      {
        Effect: 'Allow',
        Principal: { Service: 'ecs-tasks.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: { 'aws:SourceAccount': '111122223333' },
          ArnLike: { 'aws:SourceArn': ['arn:aws:ecs:eu-central-1:111122223333:*'] },
        },
      },
    ]);
  });

  it('starts after values, rotation, rights, network and what redeploys it', async () => {
    expect(orderedAfter(resourceOf(await awsStackJson(withSecrets()), 'aws_ecs_service'))).toEqual(
      expect.arrayContaining([
        'aws_secretsmanager_secret_version.myapp-database_seed_version',
        'aws_secretsmanager_secret_rotation.myapp-database_rotation',
        'aws_iam_role_policy.service_execution_policy',
        'aws_vpc_endpoint.network_endpoint-ecr-dkr',
        'aws_vpc_endpoint.network_endpoint-s3',
        'aws_db_instance.myapp-database-db_instance',
        'aws_vpc_security_group_egress_rule.service_network_database-0-out',
        'aws_cloudwatch_event_target.service_redeploy_target',
        'aws_iam_role_policy.service_redeploy_deployer_policy',
      ]),
    );
  });

  it('has a way to the database whose secret it gets, once', async () => {
    const rules = Object.values(resourcesOf(await awsStackJson(withSecrets()), 'aws_vpc_security_group_ingress_rule'));
    const intoDatabase = rules.filter((rule) =>
      String(rule['referenced_security_group_id']).includes('service_network'),
    );
    expect(intoDatabase.map((rule) => rule['from_port']).sort()).toEqual([443, 5432]);
  });

  it('runs in private subnets, rolls back a deployment that fails, and hands its tags on', async () => {
    expect(resourceOf(await awsStackJson(service()), 'aws_ecs_service')).toMatchObject({
      name: 'prod-myapp',
      launch_type: 'FARGATE',
      desired_count: 2,
      network_configuration: { assign_public_ip: false },
      deployment_circuit_breaker: { enable: true, rollback: true },
      propagate_tags: 'SERVICE',
      enable_ecs_managed_tags: true,
    });
  });

  it('runs as one task where the tier wants one zone', async () => {
    const box = { ...SANDBOX, name: 'prod', aws: AWS };
    expect(resourceOf(await awsStackJson(service(), box), 'aws_ecs_service')).toMatchObject({ desired_count: 1 });
  });

  it('is Fargate on arm64 by default, and another size or processor if wanted', async () => {
    expect(resourceOf(await awsStackJson(service()), 'aws_ecs_task_definition')).toMatchObject({
      cpu: '256',
      memory: '512',
      network_mode: 'awsvpc',
      requires_compatibilities: ['FARGATE'],
      runtime_platform: { cpu_architecture: 'ARM64', operating_system_family: 'LINUX' },
    });
    const larger = service({ cpu: 1024, memory: 3072, architecture: 'x86_64' });
    expect(resourceOf(await awsStackJson(larger), 'aws_ecs_task_definition')).toMatchObject({
      cpu: '1024',
      memory: '3072',
      runtime_platform: { cpu_architecture: 'X86_64' },
    });
  });

  it('has a file system that cannot be written to, but for scratch folders', async () => {
    const props = { scratch: ['/tmp', '/var/cache'], user: '1000', port: 8080, command: ['serve'] };
    const definition = resourceOf(await awsStackJson(service(props)), 'aws_ecs_task_definition');
    expect(definition['volume']).toEqual([{ name: 'scratch-0' }, { name: 'scratch-1' }]);
    expect(container(definition)).toMatchObject({
      image: '111122223333.dkr.ecr.eu-central-1.amazonaws.com/myapp:1.4.2',
      readonlyRootFilesystem: true,
      user: '1000',
      command: ['serve'],
      portMappings: [{ containerPort: 8080, protocol: 'tcp' }],
      mountPoints: [
        { containerPath: '/tmp', sourceVolume: 'scratch-0', readOnly: false },
        { containerPath: '/var/cache', sourceVolume: 'scratch-1', readOnly: false },
      ],
    });
  });

  it('logs to an encrypted group that is kept by tier', async () => {
    const json = await awsStackJson(service());
    expect(resourceOf(json, 'aws_cloudwatch_log_group', 'service_logs')).toMatchObject({
      name: '/ecs/prod-myapp',
      retention_in_days: 365,
      kms_key_id: expect.stringMatching(/^\$\{aws_kms_key\.data-key_/),
    });
    expect(container(resourceOf(json, 'aws_ecs_task_definition'))['logConfiguration']).toMatchObject({
      logDriver: 'awslogs',
      options: { 'awslogs-region': 'eu-central-1', 'awslogs-stream-prefix': 'myapp' },
    });
  });

  it('makes one cluster for a stack, with insights, or runs in a given one', async () => {
    const two = await awsStackJson((stack) => {
      service()(stack);
      new EcsService(stack, 'jobs', { workload: { ...MYAPP, name: 'jobs' }, image: 'jobs:7' });
    });
    expect(resourceOf(two, 'aws_ecs_cluster')).toMatchObject({
      name: 'prod-myapp',
      setting: [{ name: 'containerInsights', value: 'enabled' }],
    });
    const given = await awsStackJson((stack) => service({ cluster: EcsCluster.fromName(stack, 'shared') })(stack));
    expect(resourcesOf(given, 'aws_ecs_cluster')).toEqual({});
    expect(resourceOf(given, 'aws_ecs_service')).toMatchObject({
      cluster: 'arn:aws:ecs:eu-central-1:111122223333:cluster/shared',
    });
  });

  it('needs nothing of ECR for an image of another registry', async () => {
    const image = 'ghcr.io/example/myapp:1.4.2';
    const json = await awsStackJson(service({ image }), awsProduction({ network: GIVEN_NETWORK }));
    expect(container(resourceOf(json, 'aws_ecs_task_definition'))['image']).toBe(image);
    expect(JSON.stringify(resourcesOf(json, 'aws_iam_role_policy'))).not.toContain('ecr:');
  });

  it('that rereads its secrets is not deployed again', async () => {
    const json = await awsStackJson(withSecrets({ onRotation: 'rereads' }));
    expect(resourcesOf(json, 'aws_ssm_document')).toEqual({});
  });
});

describe('a service of ECS is refused', () => {
  it('when it is silent about rotation', async () => {
    expect(await awsRefusals(withSecrets({}))).toEqual([
      "prod-myapp-aws/service: onRotation is left out, but prod/myapp/database rotates and running tasks keep the old value; write 'redeploy', or 'rereads' when the program fetches a new value by itself [SR-ECS-ON-ROTATION]",
    ]);
  });

  it('when its image has to come from where the network has no way to', async () => {
    expect(await awsRefusals(service({ image: 'ghcr.io/example/myapp:1.4.2' }))).toEqual([
      expect.stringMatching(
        /^prod-myapp-aws\/service: image is "ghcr\.io\/example\/myapp:1\.4\.2", .* \[SR-ECS-IMAGE-UNREACHABLE\]$/,
      ),
    ]);
  });

  it.each<[Partial<EcsServiceProps>, string]>([
    [
      { image: 'myapp:latest' },
      'image is "myapp:latest", whose tag latest is another image at the next restart; .* \\[SR-ECS-IMAGE\\]',
    ],
    [{ image: 'myapp' }, 'image is "myapp", without a tag, which means latest; .* \\[SR-ECS-IMAGE\\]'],
    [{ cpu: 300 }, 'cpu is 300, allowed are 256, 512, .* \\[SR-ECS-SIZE\\]'],
    [{ memory: 700 }, 'memory is 700, allowed beside 256 CPU units are 512 to 2048 MiB .* \\[SR-ECS-SIZE\\]'],
    [{ tasks: -1 }, 'tasks is -1, allowed are whole numbers from 0 to 5000; .* \\[SR-ECS-TASKS\\]'],
    [{ port: 70000 }, 'port is 70000, allowed are whole numbers from 1 to 65535; .* \\[SR-ECS-PORT\\]'],
    [{ user: 'root' }, 'user is "root", allowed is any user but root; .* \\[SR-ECS-USER\\]'],
    [{ user: '0:0' }, 'user is "0:0", allowed is any user but root; .* \\[SR-ECS-USER\\]'],
    [{ scratch: ['tmp'] }, 'scratch has "tmp", allowed are absolute folders .* \\[SR-ECS-SCRATCH\\]'],
    [{ environment: { '1X': 'a' } }, 'environment has the name "1X", .* \\[SR-ECS-VARIABLE\\]'],
    [
      { environment: { DB_PASSWORD: 'not shown' } },
      'environment.DB_PASSWORD is called like a secret, and everybody who may read the task definition reads its value; .* \\[SR-ECS-PLAIN-SECRET\\]',
    ],
    [
      { workload: { name: 'web', runsOn: { appService: true } } },
      'workload is web, which does not run on ECS; .* \\[SR-ECS-WORKLOAD\\]',
    ],
  ])('with %j', async (props, line) => {
    expect(await awsRefusals(service(props))).toEqual([
      expect.stringMatching(new RegExp(`^prod-myapp-aws/service: ${line}$`)),
    ]);
  });

  it('when one variable is plain and secret at once', async () => {
    const lines = await awsRefusals((stack) =>
      service({ environment: { KEY: 'a' }, secrets: { KEY: paymentKey(stack).whole() } })(stack),
    );
    expect(lines).toEqual([expect.stringMatching(/secrets\.KEY is in environment too, .* \[SR-ECS-VARIABLE\]$/)]);
  });

  it('with every problem at once', async () => {
    expect(await awsRefusals(service({ image: 'myapp', cpu: 1, user: 'root' }))).toHaveLength(3);
  });
});
