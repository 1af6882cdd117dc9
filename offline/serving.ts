import type { JsonObject } from '../review/model';
import type { Reader } from './reads';
import type { ProviderSchema } from './schema';
import type { RequiredProvider } from './synthesized';

/** How one provider of one stack is served. */
export interface Serving {
  readonly provider: RequiredProvider;
  readonly kind: 'detached' | 'stand-in';
  /** What a person reads: which plugin, or where the stand-in's schema is from. */
  readonly described: string;
  /** What a person has to know, such as why a plugin that is there was not taken. */
  readonly notes: readonly string[];
  /** The exact version to write where the stack's own constraint must not count. */
  readonly exactly?: string;
  /** Makes the override of one provider block, so that it needs no login; without it the block stays as it is. */
  readonly detach?: (block: JsonObject) => JsonObject;
  /** Environment that the plugin needs. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Where an unmanaged provider listens, for `TF_REATTACH_PROVIDERS`. */
  readonly reattach?: object;
  /** Who answers what the plugin would have to read, where there is something. */
  readonly reader?: Reader;
  /** What is known of the types in use, such as which changes replace; undefined where nothing is. */
  readonly schema?: ProviderSchema;
  /** Folder of the unpacked plugin. */
  readonly plugin?: string;
}
