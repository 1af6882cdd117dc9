import type { Problem } from '../core/errors';
import { variableProblems } from './container-definition';
import { type ContainerImage, imageProblem } from './container-image';
import { DatabaseSecret } from './database-secret';
import type { EcsServiceProps } from './ecs-service';
import { fargateSizeProblem } from './fargate-size';
import type { ISecret } from './secret';

/** Fargate's smallest task: CPU units, and memory in MiB. */
export const DEFAULT_SIZE = { cpu: 256, memory: 512 } as const;

/** Tasks of one service. @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html */
const TASKS = { min: 0, max: 5000 } as const;

const PORTS = { min: 1, max: 65_535 } as const;

/** Everything that is wrong with a service's properties. */
export function serviceProblems(props: EcsServiceProps, tasks: number): readonly (Problem | undefined)[] {
  return [
    imageProblem('image', props.image),
    runsOnEcs(props),
    fargateSizeProblem(props.cpu ?? DEFAULT_SIZE.cpu, props.memory ?? DEFAULT_SIZE.memory),
    within('tasks', tasks, TASKS, 'SR-ECS-TASKS'),
    props.port === undefined ? undefined : within('port', props.port, PORTS, 'SR-ECS-PORT'),
    neverRoot(props.user),
    ...(props.scratch ?? []).map(scratchAllowed),
    ...variableProblems(props.environment ?? {}, props.secrets ?? {}),
    saysWhatRotationDoes(props),
    ...takesWholeUser(props),
  ];
}

/** A network that Strongroom makes has no way out, so an image must come through the endpoints of ECR. */
export function imageReachable(network: 'created' | 'given', { reference, ecr }: ContainerImage): Problem | undefined {
  if (network === 'given' || ecr !== undefined) return undefined;
  return {
    code: 'SR-ECS-IMAGE-UNREACHABLE',
    property: 'image',
    message: `is ${JSON.stringify(reference)}, but the environment's created network reaches Amazon ECR only`,
    fix: 'copy the image to an ECR repository (or a pull-through cache), or give a network with a way to its registry',
  };
}

function runsOnEcs({ workload }: EcsServiceProps): Problem | undefined {
  if (workload.runsOn.ecs === true) return undefined;
  return {
    code: 'SR-ECS-WORKLOAD',
    property: 'workload',
    message: `is ${workload.name}, which does not run on ECS`,
    fix: 'say runsOn: { ecs: true } where the workload is described',
  };
}

function neverRoot(user: string | undefined): Problem | undefined {
  if (user === undefined || !/^(?:root|0+)(?::|$)/.test(user)) return undefined;
  return {
    code: 'SR-ECS-USER',
    property: 'user',
    message: `is ${JSON.stringify(user)}, allowed is any user but root`,
    fix: "name an unprivileged user of the image, such as '1000'",
  };
}

function scratchAllowed(folder: string): Problem | undefined {
  if (/^(?:\/[A-Za-z0-9._-]+)+$/.test(folder) && !folder.includes('/..')) return undefined;
  return {
    code: 'SR-ECS-SCRATCH',
    property: 'scratch',
    message: `has ${JSON.stringify(folder)}, allowed are absolute folders below the root`,
    fix: 'write it as in /tmp',
  };
}

/** ECS never updates a running container: silence about that would be an outage at the first rotation. */
function saysWhatRotationDoes({ secrets = {}, onRotation }: EcsServiceProps): Problem | undefined {
  const rotating = [...new Set(Object.values(secrets).map(({ secret }) => secret))].filter((one) => one.rotates);
  if (rotating.length === 0 || onRotation !== undefined) return undefined;
  return {
    code: 'SR-ECS-ON-ROTATION',
    property: 'onRotation',
    message: `is left out, but ${rotating.map(({ name }) => name).join(', ')} rotates and running tasks keep the old value`,
    fix: "write 'redeploy', or 'rereads' when the program fetches a new value by itself",
  };
}

/** Of two users in turn, a password without its user's name opens nothing after the next rotation. */
function takesWholeUser({ secrets = {} }: EcsServiceProps): readonly Problem[] {
  const fields = Object.values(secrets);
  const taken = (secret: ISecret, key: string) => fields.some((field) => field.secret === secret && field.key === key);
  const half = fields.filter(
    ({ secret, key }) =>
      key === 'password' && secret instanceof DatabaseSecret && secret.alternates && !taken(secret, 'username'),
  );
  return [...new Set(half.map(({ secret }) => secret))].map(({ name }) => ({
    code: 'SR-ECS-ALTERNATING',
    property: 'secrets',
    message: `take the password of ${name} without its username, which alternates with every rotation`,
    fix: "take field('username') of the same secret too",
  }));
}

function within(
  property: string,
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
  code: string,
): Problem | undefined {
  if (Number.isInteger(value) && value >= min && value <= max) return undefined;
  return {
    code,
    property,
    message: `is ${value}, allowed are whole numbers from ${min} to ${max}`,
    fix: 'leave it out for the default',
  };
}
