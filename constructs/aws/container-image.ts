import type { Problem } from '../core/errors';

/** A private registry of Amazon ECR. @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
const ECR_REGISTRY = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;

/** @see https://github.com/distribution/reference/blob/main/reference.go */
const REFERENCE =
  /^[a-z0-9]+(?:[._/:-]+[A-Za-z0-9]+)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;

/** Where an environment's images are, unless they say otherwise. */
export interface HomeRegistry {
  readonly accountId: string;
  readonly region: string;
}

/** A container image that is named exactly. */
export interface ContainerImage {
  /** The whole reference, registry first. */
  readonly reference: string;
  /**
   * The repository, where it is one of Amazon ECR: pulling from it needs a permission.
   *
   * @default - an image of another registry
   */
  readonly ecr?: { readonly accountId: string; readonly region: string; readonly repository: string };
}

/** An image without a registry is one of the environment's own ECR. */
export function containerImage(image: string, home: HomeRegistry): ContainerImage {
  const [first = '', ...rest] = image.split('/');
  // As Docker tells a registry from a path: a dot, a port, or localhost.
  const named = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const registry = named ? first : `${home.accountId}.dkr.ecr.${home.region}.amazonaws.com`;
  const path = named ? rest.join('/') : image;
  const [, accountId, region] = ECR_REGISTRY.exec(registry) ?? [];
  const reference = `${registry}/${path}`;
  if (accountId === undefined || region === undefined) return { reference };
  return { reference, ecr: { accountId, region, repository: withoutTag(path) } };
}

/** What is wrong with an image: it must say which one it is, today and at the next restart. */
export function imageProblem(property: string, image: string): Problem | undefined {
  const tag = /:([^/:@]+)(?:@.*)?$/.exec(image.replace(/@sha256:.*$/, ''))?.[1];
  const pinned = image.includes('@sha256:');
  if (!REFERENCE.test(image)) return wrong(property, image, 'which is no image reference');
  if (tag === 'latest') return wrong(property, image, 'whose tag latest is another image at the next restart');
  if (tag === undefined && !pinned) return wrong(property, image, 'without a tag, which means latest');
  return undefined;
}

function wrong(property: string, image: string, why: string): Problem {
  return {
    code: 'SR-ECS-IMAGE',
    property,
    message: `is ${JSON.stringify(image)}, ${why}`,
    fix: 'name a version or a digest, such as myapp:1.4.2',
  };
}

function withoutTag(path: string): string {
  return path.replace(/@.*$/, '').replace(/:[^/]*$/, '');
}
