import { dependable, type ITerraformDependable } from 'cdktf';

/** Orders a resource after others; nothing at all where there are none, so that the output has no empty list. */
export function after(dependables: readonly ITerraformDependable[]): { readonly dependsOn?: ITerraformDependable[] } {
  return dependables.length === 0 ? {} : { dependsOn: [...dependables] };
}

/** The address of a resource as Terraform's JSON wants it in lists of addresses: without `${}`. */
export function addressOf(resource: ITerraformDependable): string {
  return dependable(resource);
}
