import { TerraformResource, type TerraformResourceLifecycle } from 'cdktf';
import type { Construct } from 'constructs';
import { addressOf } from './ordering';
import { VaultStack } from './vault-stack';

/**
 * Makes a changed path stop the plan.
 *
 * The provider moves a mount or a connection "in place" when its path changes, and Terraform then replaces everything
 * below it: secrets are written anew and users of a database lose their roles. So the path is also kept in a
 * `terraform_data`, whose replacement replaces what it guards, which `prevent_destroy` refuses where the tier protects.
 *
 * An element of our own, because the class of CDKTF runs the `terraform` binary while it synthesizes.
 *
 * @see https://developer.hashicorp.com/terraform/language/resources/terraform-data
 */
export class PathGuard extends TerraformResource {
  constructor(
    scope: Construct,
    id: string,
    private readonly path: string,
  ) {
    super(scope, id, {
      terraformResourceType: 'terraform_data',
      terraformGeneratorMetadata: { providerName: 'terraform' },
    });
  }

  /** The lifecycle of what the path belongs to. (CDKTF would write the address as a template, which is no JSON form.) */
  get guarded(): TerraformResourceLifecycle {
    return { preventDestroy: VaultStack.of(this).defaults.preventDestroy, replaceTriggeredBy: [addressOf(this)] };
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { triggers_replace: this.path };
  }
}
