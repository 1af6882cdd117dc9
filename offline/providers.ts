import type { Block, BlockMode } from '../review/model';
import { cacheFolder } from './cache-folder';
import { DETACH } from './detached';
import type { Environment } from './engine';
import { type IdentityEndpoint, startIdentityEndpoint } from './identity-endpoint';
import { pluginFolders, pluginsOf } from './plugins';
import { PlanImpossible } from './problem';
import { inItsPlace, readerSource, readsOf, unreadable, wholly } from './reads';
import type { BlockSchema, ProviderSchema } from './schema';
import type { Serving } from './serving';
import { bindingSchema } from './stand-in/bindings';
import { type StandIn, type StandInHooks, startStandIn } from './stand-in/provider';
import { onlyUsed, schemaInFolder, type UsedTypes } from './stand-in/schemas';
import { type RequiredProvider, requiredProviders, type SynthesizedStack } from './synthesized';
import { satisfies } from './version';

/**
 * An engine without plugins is small and lives for a moment: it collects garbage less often, as long as its memory stays
 * below a limit. A plugin reads the same variables and is large, so they are for engines alone.
 *
 * @see https://pkg.go.dev/runtime#hdr-Environment_Variables
 */
const ENGINE_ALONE = { GOGC: '400', GOMEMLIMIT: '512MiB' };

/** How providers may be served. */
export interface ServingProps extends StandInHooks {
  readonly env: Environment;
  /** Folder with schemas of real providers. @default - schemas are read from the installed bindings */
  readonly schemas?: string | undefined;
  /** Versions that are taken although a stack's constraint excludes them, by provider. @default {} */
  readonly allowed?: Readonly<Record<string, string>>;
  /** `stand-in` leaves plugins aside even where they are at hand. @default 'any' */
  readonly prefer?: 'any' | 'stand-in';
}

interface Started {
  readonly described: string;
  readonly schema: ProviderSchema;
  readonly standIn: StandIn;
}

/** A schema, and what a person reads of where it is from. */
interface Known {
  readonly schema: ProviderSchema;
  readonly described: string;
}

/** Serves the providers of many stacks; stand-ins are shared. */
export class Providers {
  private readonly standIns = new Map<string, Promise<Started>>();
  private identity: Promise<IdentityEndpoint> | undefined;

  constructor(
    private readonly stacks: readonly SynthesizedStack[],
    private readonly props: ServingProps,
  ) {}

  /**
   * How every provider of a stack is served; starts what has to run.
   *
   * @param other - the same stack at another time, which is to be served alike
   */
  async serve(stack: SynthesizedStack, other: SynthesizedStack = stack): Promise<readonly Serving[]> {
    const all = requiredProviders(stack.model).map((provider) => this.serveOne(provider, stack, other));
    const servings = await Promise.all(all);
    if (servings.some(({ kind }) => kind === 'detached')) return servings;
    return servings.map((serving) => ({ ...serving, environment: ENGINE_ALONE }));
  }

  /** Every type that some stack uses. */
  used(): UsedTypes {
    return usedTypes(this.stacks);
  }

  /** Stops every stand-in and what else runs for plugins. */
  async stop(): Promise<void> {
    await this.identity?.then((endpoint) => endpoint.stop());
    this.identity = undefined;
    for (const started of this.standIns.values()) await started.then(({ standIn }) => standIn.stop()).catch(() => {});
    this.standIns.clear();
  }

  private async serveOne(
    provider: RequiredProvider,
    { model }: SynthesizedStack,
    other: SynthesizedStack,
  ): Promise<Serving> {
    const detached = this.props.prefer === 'stand-in' ? { notes: [] } : await this.detached(provider);
    if (!('serving' in detached)) return this.stoodIn(provider, detached.notes);
    const reads = readsOf(model, provider);
    const opened = [...reads, ...readsOf(other.model, provider)].filter(({ mode }) => mode === 'ephemeral');
    if (reads.length + opened.length === 0) return detached.serving;
    return this.reading(detached.serving, reads, [...new Map(opened.map((one) => [one.address, one])).values()]);
  }

  private async stoodIn(provider: RequiredProvider, notes: readonly string[]): Promise<Serving> {
    const { described, schema, standIn } = await this.standIn(provider.source, provider, ({ schema: one }) => one);
    return { provider, kind: 'stand-in', described, schema, notes, reattach: standIn.reattach };
  }

  /** A plugin has nothing to read: a stand-in answers in its place, and the plugin keeps everything else if it can. */
  private async reading(serving: Serving, reads: readonly Block[], opened: readonly Block[]): Promise<Serving> {
    const { provider, notes } = serving;
    const known = this.knownSchema(provider)?.schema;
    const noting = (told: string) => [...notes, told];
    const unknown = [...reads, ...opened].filter((read) => !hasType(known, read));
    if (unknown.length > 0) return { ...serving, notes: noting(unreadable(provider, [...new Set(unknown)])) };
    if (opened.length > 0) return this.stoodIn(provider, [wholly(provider, opened)]);
    const source = readerSource(provider);
    // Nobody configures it.
    const { standIn } = await this.standIn(source, provider, ({ schema }) => ({ ...schema, config: {} }));
    const reader = { source, reattach: standIn.reattach, reads };
    return { ...serving, notes: noting(inItsPlace(provider, reads)), reader };
  }

  private async detached(
    provider: RequiredProvider,
  ): Promise<{ readonly serving: Serving } | { readonly notes: readonly string[] }> {
    const { env, allowed = {} } = this.props;
    const plugins = pluginsOf(provider.source, pluginFolders(env));
    const detachment = DETACH[provider.type];
    const named = allowed[provider.type];
    const plugin = plugins.find(({ version }) =>
      named === undefined ? satisfies(version, provider.constraint) : version === named,
    );
    if (plugin !== undefined && detachment !== undefined) {
      const outside = !satisfies(plugin.version, provider.constraint);
      const notes = outside
        ? [`warning: ${provider.type} ${plugin.version} is outside ${provider.constraint}; it was allowed by name`]
        : [];
      const { version } = plugin;
      const identityUrl = detachment.wantsIdentity ? (await this.identityEndpoint()).url : () => '';
      const schema = this.knownSchema(provider)?.schema;
      return {
        serving: {
          provider,
          kind: 'detached',
          described: `plugin ${version}, detached`,
          notes,
          detach: (block) => detachment.block(block, { version, identityUrl }),
          environment: detachment.environment?.(version) ?? {},
          plugin: plugin.folder,
          ...(schema === undefined ? {} : { schema }),
          ...(outside ? { exactly: plugin.version } : {}),
        },
      };
    }
    const [first] = plugins;
    if (named !== undefined) {
      const others = plugins.map(({ version }) => version).join(', ');
      return {
        notes: [
          `${provider.type} ${named} is not at hand, ${others === '' ? 'nor is another version' : `${others} is`}`,
        ],
      };
    }
    if (first === undefined || detachment === undefined) return { notes: [] };
    const flag = `--allow-provider ${provider.type}=${first.version}`;
    return {
      notes: [`${provider.type} ${first.version} is at hand, but outside ${provider.constraint}; ${flag} takes it`],
    };
  }

  private identityEndpoint(): Promise<IdentityEndpoint> {
    this.identity ??= startIdentityEndpoint();
    return this.identity;
  }

  /** The stand-in at an address; it is started once for all stacks. */
  private standIn(source: string, provider: RequiredProvider, schemaFor: (found: Known) => ProviderSchema) {
    const key = `${source} ${provider.constraint}`;
    const started = this.standIns.get(key) ?? this.start(this.schemaOf(provider), schemaFor);
    this.standIns.set(key, started);
    return started;
  }

  private async start(found: Known, schemaFor: (found: Known) => ProviderSchema): Promise<Started> {
    const schema = schemaFor(found);
    const { onOpen } = this.props;
    const standIn = await startStandIn(schema, onOpen === undefined ? {} : { onOpen });
    return { described: `stand-in with the schema of ${found.described}`, schema, standIn };
  }

  private schemaOf(provider: RequiredProvider): Known {
    const found = this.knownSchema(provider);
    if (found !== undefined) return found;
    throw new PlanImpossible(
      `there is no plugin, no schema and no binding of provider ${provider.source}; name a folder of schemas by --schemas or STRONGROOM_SCHEMAS`,
    );
  }

  private knownSchema(provider: RequiredProvider): Known | undefined {
    const used = this.used();
    const { schemas } = this.props;
    const real = schemas ? schemaInFolder(schemas, provider.type, provider.constraint) : undefined;
    const bound = bindingSchema(provider.type, used, { cache: cacheFolder(this.props.env) });
    if (real !== undefined) {
      const schema = onlyUsed(real, used);
      if (bound === undefined || satisfies(real.version, provider.constraint)) {
        return { schema, described: `the provider in ${real.version}` };
      }
      // The real schema is of an older line: what the bindings know beyond it is taken from them.
      return {
        schema: merged(schema, bound),
        described: `the provider in ${real.version} and bindings of ${bound.version}`,
      };
    }
    return bound === undefined ? undefined : { schema: bound, described: `its bindings, ${bound.version}` };
  }
}

function hasType(schema: ProviderSchema | undefined, { mode, type }: Block): boolean {
  return type in ((mode === 'data' ? schema?.data_sources : schema?.ephemeral) ?? {});
}

function usedTypes(stacks: readonly SynthesizedStack[]): UsedTypes {
  const blocks = stacks.flatMap(({ model }) => model.blocks);
  const types = (mode: BlockMode) => new Set(blocks.filter((block) => block.mode === mode).map(({ type }) => type));
  return { resources: types('resource'), data_sources: types('data'), ephemeral: types('ephemeral') };
}

function merged(real: ProviderSchema, bound: ProviderSchema): ProviderSchema {
  return {
    ...real,
    resources: mergedTypes(real.resources, bound.resources),
    data_sources: mergedTypes(real.data_sources, bound.data_sources),
    ephemeral: { ...bound.ephemeral, ...real.ephemeral },
  };
}

function mergedTypes<T extends BlockSchema>(
  real: Readonly<Record<string, T>>,
  bound: Readonly<Record<string, T>>,
): Readonly<Record<string, T>> {
  const both = Object.entries(real).map(([name, one]) => [name, mergedBlock(one, bound[name])]);
  return { ...bound, ...Object.fromEntries(both) };
}

/** Flags are the real schema's; only names that it lacks come from the bindings. */
function mergedBlock<T extends BlockSchema>(real: T, bound: T | undefined): T {
  if (bound === undefined) return real;
  const { attributes = {}, blocks = {} } = real;
  const unless = <U>(members: Readonly<Record<string, U>>, known: object): Readonly<Record<string, U>> =>
    Object.fromEntries(Object.entries(members).filter(([name]) => !(name in known)));
  return {
    ...real,
    attributes: { ...unless(bound.attributes ?? {}, blocks), ...attributes },
    blocks: mergedTypes(blocks, unless(bound.blocks ?? {}, attributes)),
  };
}
