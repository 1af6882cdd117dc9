import { VaultProvider } from '@cdktf/provider-vault/lib/provider';
import { Aspects, type IAspect, TerraformResource } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';
import type { CoreEnvironment } from '../core/environment';
import { InvalidProps } from '../core/errors';
import { StrongroomStack } from '../core/strongroom-stack';
import { type HasVault, type VaultEnvironment, vaultScope } from './environment';
import { addressOf } from './ordering';

/** Write-only arguments that are booked right, up to the next major. */
const PROVIDER_VERSIONS = '>= 5.6, < 6';

/** The app whose stack makes what a whole server shares. */
export const PLATFORM_APP = 'platform';

/** Something that Vault knows by a path, as far as the app has seen it. */
export interface Noted {
  readonly kind: 'kv mount' | 'database mount' | 'auth method' | 'password policy' | 'database role';
  /** The path or name, such as `prod-database`, or `prod-database/readonly` for a role. */
  readonly path: string;
  /** Whether a construct of the stack makes it, or only names it. */
  readonly made: boolean;
}

/** A stack on one environment's Vault. */
export class VaultStack extends StrongroomStack {
  /**
   * The Vault stack that a construct is in.
   *
   * @throws {InvalidProps} `SR-STACK-FOREIGN` when it is in a stack of another kind.
   */
  static override of(construct: Construct): VaultStack {
    const stack = StrongroomStack.of(construct);
    if (stack instanceof VaultStack) return stack;
    throw new InvalidProps(construct.node.path, [
      {
        code: 'SR-STACK-FOREIGN',
        property: 'scope',
        message: `is in ${stack.node.id}, which is no stack of Vault`,
        fix: 'make it in a VaultStack',
      },
    ]);
  }

  /** The environment's Vault. */
  readonly vault: VaultEnvironment;
  /** Where this stack's names must be unique. */
  readonly vaultScope: string;
  private readonly audits = new Map<TerraformResource, string>();
  private readonly notes: Noted[] = [];

  constructor(scope: Construct, environment: CoreEnvironment & HasVault, app: string, part?: string) {
    super(scope, environment, { app, store: 'vault', ...(part === undefined ? {} : { part }) });
    this.vault = environment.vault;
    this.vaultScope = vaultScope(environment.vault);
    const { address, namespace, login } = environment.vault;
    new VaultProvider(this, 'vault', {
      address,
      ...(namespace === undefined ? {} : { namespace }),
      // The token or the pipeline's JWT comes in the environment of the process, never in the configuration.
      ...(login === undefined ? {} : { authLoginJwt: [{ role: login.role, mount: login.mount ?? 'jwt' }] }),
      // A child token needs one more permission, outlives the run, and can't be made by a batch or counted token.
      skipChildToken: true,
    });
    this.acceptVersions('vault', PROVIDER_VERSIONS);
    Aspects.of(this).add(new AfterAudits(this.audits));
  }

  /** A name with the environment in front, unless the environment has the server alone. */
  named(name: string): string {
    return this.vault.serverAlone === true ? name : `${this.environment.name}-${name}`;
  }

  /** A command of the server's own tool, at this server and namespace whatever the shell's variables say. */
  command(words: string): string {
    const { address, namespace, server } = this.vault;
    const at = [`-address=${address}`, ...(namespace === undefined ? [] : [`-namespace=${namespace}`])].join(' ');
    return `${server === 'vault' ? 'vault' : 'bao'} ${words.replace('@', at)}\n`;
  }

  /** Keeps in mind what the stack makes or names. */
  note(noted: Noted): void {
    this.notes.push(noted);
  }

  /** What all stacks of the app on this Vault make or name. */
  get known(): readonly Noted[] {
    return this.siblings.flatMap((stack) => stack.notes);
  }

  /** The stack that makes what the server shares, where the app has it. */
  get platform(): VaultStack | undefined {
    return this.siblings.find(
      ({ appName, environment }) => appName === PLATFORM_APP && environment.name === this.environment.name,
    );
  }

  private get siblings(): readonly VaultStack[] {
    return this.node.root.node.children
      .filter((child): child is VaultStack => child instanceof VaultStack)
      .filter((stack) => stack.vaultScope === this.vaultScope);
  }

  /** Orders everything else of this stack after an audit device. */
  auditFirst(device: TerraformResource): void {
    this.audits.set(device, addressOf(device));
  }
}

/** What is written before the first audit device leaves no trace, so every other resource waits for all of them. */
class AfterAudits implements IAspect {
  constructor(private readonly audits: ReadonlyMap<TerraformResource, string>) {}

  visit(node: IConstruct): void {
    if (!TerraformResource.isTerraformResource(node) || node.terraformResourceType === 'terraform_data') return;
    if (this.audits.size === 0 || this.audits.has(node)) return;
    // A stack can be synthesized more than once, and each address is a token of its own: compared, not made anew.
    node.dependsOn = [...new Set([...(node.dependsOn ?? []), ...this.audits.values()])];
  }
}
