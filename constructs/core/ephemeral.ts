import { type IResolvable, type IResolveContext, ref, TerraformElement, TerraformStack, Token } from 'cdktf';
import type { Construct } from 'constructs';
import { InvalidProps, refuse } from './errors';

/**
 * A Terraform `ephemeral` block: a value that exists only while Terraform runs and reaches neither plan nor state.
 *
 * The prebuilt bindings have no classes for ephemeral resources, so this one renders any type.
 *
 * @see https://developer.hashicorp.com/terraform/language/resources/ephemeral
 */
export class EphemeralResource extends TerraformElement {
  constructor(
    scope: Construct,
    id: string,
    /** The Terraform type, such as `random_password`. */
    readonly type: string,
    /** Arguments, named as Terraform names them. */
    readonly args: Readonly<Record<string, unknown>>,
  ) {
    super(scope, id, `ephemeral.${type}`);
    this.node.addValidation({ validate: () => this.missingProvider() });
  }

  /**
   * A reference to one attribute, for write-only arguments, providers and other ephemeral blocks.
   *
   * A real token: `Fn.jsonencode` would quote a plain `${…}` string and store the text instead of the value.
   */
  attribute(name: string): string {
    return Token.asString(new EphemeralReference(this, name));
  }

  override toTerraform(): object {
    return {
      ephemeral: {
        [this.type]: {
          [this.friendlyUniqueId]: { ...this.args, ...this.rawOverrides, '//': this.constructNodeMetadata },
        },
      },
    };
  }

  /** HCL output would lose the block, and with it every value that comes from it. */
  override toHclTerraform(): object {
    throw new InvalidProps(this.node.path, [
      {
        code: 'SR-EPHEMERAL-HCL',
        property: 'output',
        message: 'is HCL, which has no form for ephemeral blocks in CDKTF',
        fix: 'synthesize JSON, the default',
      },
    ]);
  }

  private missingProvider(): string[] {
    const provider = this.type.split('_', 1)[0] ?? this.type;
    if (hasProvider(this.cdktfStack, provider)) return [];
    return [
      `${this.node.path}: type is ${this.type}, but the stack has no provider ${provider}; add one to ${this.cdktfStack.node.id} [SR-EPHEMERAL-PROVIDER]`,
    ];
  }
}

// Keyed by the stack: found once, a provider stays, and looking for it walks the whole stack.
const providersFound = new WeakMap<TerraformStack, Set<string>>();

/** Whether a stack declares a provider, by its local name. */
export function hasProvider(stack: TerraformStack, name: string): boolean {
  const found = providersFound.get(stack) ?? new Set<string>();
  providersFound.set(stack, found);
  if (!found.has(name) && stack.allProviders().some((one) => one.terraformResourceType === name)) found.add(name);
  return found.has(name);
}

/** A reference that stays inside its stack: from elsewhere it could only work by a copy in state. */
class EphemeralReference implements IResolvable {
  readonly creationStack: string[] = [];
  private readonly reference: IResolvable;

  constructor(
    private readonly resource: EphemeralResource,
    attribute: string,
  ) {
    this.reference = ref(`ephemeral.${resource.type}.${resource.friendlyUniqueId}.${attribute}`, resource.cdktfStack);
  }

  resolve(context: IResolveContext): unknown {
    const user = TerraformStack.of(context.scope);
    if (user !== this.resource.cdktfStack) {
      refuse(context.scope, [
        {
          code: 'SR-EPHEMERAL-STACK',
          property: 'value',
          message: `comes from ${this.resource.node.path} in another stack, allowed is an ephemeral value of this stack`,
          fix: `make the value in ${user.node.id}, or put both into one stack`,
        },
      ]);
    }
    return this.reference.resolve(context);
  }

  toString(): string {
    return Token.asString(this);
  }
}
