import { type Body, constructPath, entries, type StackFile, type StackJson } from '../stack-file';
import { BUILT_IN } from './built-in';
import { type BodyContext, checkBody, strings } from './check-body';
import type { Finding } from './finding';
import type { BlockSchema, ProviderSchema, Schemas } from './format';
import { isNewer } from './newer-names';
import { type Reference, readTemplate, references } from './template';
import { isObject } from './value-type';

/** The four kinds of block that a provider's schema describes. */
type Section = 'resource' | 'data' | 'ephemeral' | 'provider';

/** One block of a stack with everything that its check needs. */
export interface SchemaBlock {
  readonly section: Section;
  /** Name of the provider, such as `aws`. */
  readonly provider: string;
  readonly type: string;
  readonly address: string;
  readonly body: Body;
}

/** Terraform's own arguments. @see https://developer.hashicorp.com/terraform/language/meta-arguments */
const META: Readonly<Record<Section, readonly string[]>> = {
  resource: ['//', 'connection', 'count', 'depends_on', 'for_each', 'lifecycle', 'provider', 'provisioner'],
  data: ['//', 'count', 'depends_on', 'for_each', 'lifecycle', 'provider'],
  ephemeral: ['//', 'count', 'depends_on', 'for_each', 'lifecycle', 'provider'],
  provider: ['//', 'alias', 'version'],
};

const LIFECYCLE: Readonly<Record<Section, readonly string[]>> = {
  resource: [
    'create_before_destroy',
    'ignore_changes',
    'postcondition',
    'precondition',
    'prevent_destroy',
    'replace_triggered_by',
  ],
  data: ['postcondition', 'precondition'],
  ephemeral: ['postcondition', 'precondition'],
  provider: [],
};

/** Every block of a stack that some provider must accept. */
export function schemaBlocks({ json }: StackFile): readonly SchemaBlock[] {
  const sections = [
    ['resource', json.resource, ''],
    ['data', json.data, 'data.'],
    ['ephemeral', json.ephemeral, 'ephemeral.'],
  ] as const;
  return [
    ...Object.entries(json.provider ?? {}).flatMap(([name, bodies]) =>
      (Array.isArray(bodies) ? bodies : [bodies]).map((body: Body): SchemaBlock => {
        const alias = typeof body.alias === 'string' ? `.${body.alias}` : '';
        const provider = sourceOf(json, name);
        return { section: 'provider', provider, type: name, address: `provider.${name}${alias}`, body };
      }),
    ),
    ...sections.flatMap(([section, blocks, prefix]) =>
      entries(blocks).map(({ type, name, body }): SchemaBlock => {
        const local =
          typeof body.provider === 'string' ? (body.provider.split('.')[0] ?? '') : (type.split('_')[0] ?? '');
        return { section, provider: sourceOf(json, local), type, address: `${prefix}${type}.${name}`, body };
      }),
    ),
  ];
}

/** Everything in one stack that the providers' schemas do not allow. */
export function checkStack(stack: StackFile, schemas: Schemas): readonly Finding[] {
  const findings: Finding[] = [];
  const ephemeralVariables = variablesThatAreEphemeral(stack.json);
  for (const block of schemaBlocks(stack)) {
    const { section, provider, type, address, body } = block;
    const report: BodyContext['report'] = (kind, path, message) => {
      findings.push({ kind, stack: stack.id, address, construct: constructPath(body), path, message });
    };
    const known = provider === 'terraform' ? BUILT_IN : schemas.get(provider);
    if (known === undefined) {
      report('no-schema', '', `needs a schema of provider ${provider}, and there is none`);
      continue;
    }
    const schema = schemaOf(known, section, type);
    if (schema === undefined) {
      report('unknown-type', '', `is no ${section} of ${provider} ${known.version}`);
      continue;
    }
    checkBody(schema, body, {
      report,
      meta: META[section],
      isNewer: (path) => provider === 'aws' && section !== 'provider' && isNewer(type, path),
      ephemeralAnywhere: section === 'provider' || section === 'ephemeral',
      ephemeralVariables,
    });
    checkLifecycle(block, schema, report);
    checkReferences(block, stack.json, schemas, report);
  }
  return findings;
}

function checkLifecycle({ section, body }: SchemaBlock, schema: BlockSchema, report: BodyContext['report']): void {
  const lifecycle = body.lifecycle;
  if (!isObject(lifecycle)) return;
  for (const [key, value] of Object.entries(lifecycle)) {
    if (!LIFECYCLE[section].includes(key))
      report('lifecycle', `lifecycle.${key}`, `is not known for ${section} blocks`);
    if (key !== 'ignore_changes' || !Array.isArray(value)) continue;
    for (const ignored of value as readonly unknown[]) {
      const name = String(ignored).split(/[.[]/)[0] ?? '';
      if (name === 'all' || hasMember(schema, name)) continue;
      report('lifecycle', 'lifecycle.ignore_changes', `names ${name}, which is no argument of this type`);
    }
  }
}

function checkReferences(block: SchemaBlock, json: StackJson, schemas: Schemas, report: BodyContext['report']): void {
  const { depends_on, '//': _comment, ...body } = block.body;
  // Stack-wide mistakes in outputs and locals show in Terraform's own validation; here it is about what schemas know.
  const used = strings(body).flatMap((text) => readTemplate(text).code.flatMap(references));
  const ordered = strings(depends_on).flatMap(references);
  for (const reference of [...used, ...ordered]) {
    const problem = referenceProblem(reference, json, schemas);
    if (problem !== undefined) report('unknown-reference', '', problem);
  }
}

function referenceProblem(reference: Reference, json: StackJson, schemas: Schemas): string | undefined {
  const { kind, type, name, attribute } = reference;
  const prefix = kind === 'resource' ? '' : `${kind}.`;
  const target = json[kind]?.[type]?.[name];
  if (target === undefined) return `refers to ${prefix}${type}.${name}, which is not in the stack`;
  const local =
    typeof target.provider === 'string' ? (target.provider.split('.')[0] ?? '') : (type.split('_')[0] ?? '');
  const provider = sourceOf(json, local);
  const known = provider === 'terraform' ? BUILT_IN : schemas.get(provider);
  const schema = known === undefined ? undefined : schemaOf(known, kind, type);
  if (attribute === undefined || schema === undefined || hasMember(schema, attribute)) return undefined;
  if (provider === 'aws' && isNewer(type, attribute)) return undefined;
  return `refers to ${attribute} of ${prefix}${type}.${name}, which ${known?.provider} ${known?.version} does not have`;
}

function schemaOf(known: ProviderSchema, section: Section, type: string): BlockSchema | undefined {
  switch (section) {
    case 'provider':
      return known.config;
    case 'resource':
      return known.resources[type];
    case 'data':
      return known.data_sources[type];
    case 'ephemeral':
      return known.ephemeral[type];
  }
}

function hasMember(schema: BlockSchema, name: string): boolean {
  return name in (schema.attributes ?? {}) || name in (schema.blocks ?? {});
}

/** The provider behind a stack's own name for it. */
function sourceOf(json: StackJson, local: string): string {
  return json.terraform?.required_providers?.[local]?.source.split('/').at(-1) ?? local;
}

function variablesThatAreEphemeral(json: StackJson): ReadonlySet<string> {
  const variables = Object.entries(json.variable ?? {});
  return new Set(variables.flatMap(([name, { ephemeral }]) => (ephemeral === true ? [name] : [])));
}
