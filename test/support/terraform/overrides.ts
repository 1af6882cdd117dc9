import { type Body, entries, type StackJson } from '../stack-file';

/** What differs from production when a stack meets moto. */
export interface LocalTarget {
  /** Version of the plugin at hand, which the stack's own range may exclude. */
  readonly awsVersion: string;
}

/**
 * An override file that keeps a stack as it is, but stores state beside it and takes whatever credentials and plugin
 * version there are. Endpoints come by the environment.
 *
 * @see https://developer.hashicorp.com/terraform/language/files/override
 */
export function localOverride(stack: StackJson, { awsVersion }: LocalTarget): Body {
  const providers = stack.provider?.aws ?? [{}];
  return {
    terraform: {
      backend: { local: { path: 'terraform.tfstate' } },
      required_providers: { aws: { source: 'hashicorp/aws', version: awsVersion } },
    },
    provider: {
      aws: providers.map(({ alias }) => ({
        ...(alias === undefined ? {} : { alias }),
        access_key: 'loopback',
        secret_key: 'loopback',
        s3_use_path_style: true,
        skip_credentials_validation: true,
        skip_metadata_api_check: 'true',
        skip_region_validation: true,
      })),
    },
  };
}

/** An override file that takes away what stops a stack from being destroyed, and nothing else. */
export function unprotectedOverride(stack: StackJson): Body {
  const resource: Record<string, Record<string, Body>> = {};
  for (const { type, name, body } of entries(stack.resource)) {
    const lifted = {
      ...(isProtected(body) ? { lifecycle: { prevent_destroy: false } } : {}),
      ...(body.deletion_protection === true ? { deletion_protection: false } : {}),
    };
    if (Object.keys(lifted).length > 0) resource[type] = { ...resource[type], [name]: lifted };
  }
  return { resource };
}

/** Addresses of the resources that Terraform itself must refuse to destroy. */
export function protectedAddresses(stack: StackJson): readonly string[] {
  return entries(stack.resource)
    .filter(({ body }) => isProtected(body))
    .map(({ type, name }) => `${type}.${name}`);
}

function isProtected(body: Body): boolean {
  return (body.lifecycle as Body | undefined)?.prevent_destroy === true;
}
