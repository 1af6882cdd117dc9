import type { Construct } from 'constructs';
import { InvalidProps } from '../core/errors';
import { type Noted, VaultStack } from './vault-stack';

/** Something that another stack of the same Vault makes, known here by its name alone. */
export interface MadeElsewhere {
  readonly code: string;
  readonly kind: Noted['kind'];
  readonly path: string;
}

/**
 * Refuses, once all stacks are there, a name that no stack of this Vault makes.
 *
 * Only where the app has the environment's platform stack: without it, the app can't know what the server has.
 */
export function expectMadeElsewhere(scope: Construct, { code, kind, path }: MadeElsewhere): void {
  const stack = VaultStack.of(scope);
  stack.note({ kind, path, made: false });
  scope.node.addValidation({
    validate: () => {
      if (stack.platform === undefined) return [];
      if (stack.known.some((noted) => noted.made && noted.kind === kind && noted.path === path)) return [];
      return new InvalidProps(scope.node.path, [
        {
          code,
          property: kind,
          message: `${JSON.stringify(path)} is named here, but no stack on ${stack.vaultScope} makes it`,
          fix: `make it in ${stack.platform.node.id}, or name one that exists`,
        },
      ]).message.split('\n');
    },
  });
}
