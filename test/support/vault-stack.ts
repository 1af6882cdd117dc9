import { Testing } from 'cdktf';
import type { CoreEnvironment } from '../../constructs/core/environment';
import { InvalidProps } from '../../constructs/core/errors';
import type { HasVault } from '../../constructs/vault/environment';
import { VaultStack } from '../../constructs/vault/vault-stack';
import { vaultEnvironment } from './vault-environment';

type Body = Readonly<Record<string, unknown>>;

/** What Terraform would read of a stack. */
export interface SynthesizedStack {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Body>>>>;
  readonly variable?: Readonly<Record<string, Body>>;
  readonly ephemeral?: Readonly<Record<string, Readonly<Record<string, Body>>>>;
  readonly provider?: Readonly<Record<string, readonly Body[]>>;
  readonly terraform?: Body;
}

/** An empty stack of one app and environment. */
export function vaultStack(environment: CoreEnvironment & HasVault = vaultEnvironment(), app = 'myapp'): VaultStack {
  return new VaultStack(Testing.app({ stackTraces: false }), environment, app);
}

/** A stack as Terraform reads it. */
export function synthesized(stack: VaultStack): SynthesizedStack {
  return JSON.parse(Testing.synth(stack)) as SynthesizedStack;
}

/** All resources of one type, without CDKTF's metadata. */
export function resources(stack: VaultStack, type: string): readonly Body[] {
  return Object.values(synthesized(stack).resource?.[type] ?? {}).map(({ '//': _, ...body }) => body);
}

/** The only resource of one type. */
export function onlyResource(stack: VaultStack, type: string): Body {
  const all = resources(stack, type);
  if (all.length !== 1) throw new Error(`${all.length} resources of type ${type}`);
  return all[0] ?? {};
}

/** The lines with which something is refused while it is made. */
export function refusal(make: () => unknown): readonly string[] {
  try {
    make();
  } catch (error) {
    if (error instanceof InvalidProps) return error.message.split('\n');
    throw error;
  }
  return [];
}

/** The lines with which a whole app is refused once all its stacks are there. */
export function lateRefusals(stack: VaultStack): readonly string[] {
  return stack.node.root.node.findAll().flatMap((construct) => construct.node.validate());
}
