import type { Problem } from '../core/errors';
import { valueProblems } from '../core/value';
import type { KvSecretProps } from './kv-secret';

/** Fields become JSON keys, and variables in templates. */
const FIELD = /^[a-z][a-z0-9_]*$/;
/** Names under which nobody keeps anything but a secret. */
const SECRET_FIELD = /pass(?:word|wd|phrase)?|secret|token|credential|private|api_?key/;
/** Longest value of one entry of custom metadata. @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#custom_metadata */
const METADATA_LENGTH = 512;
const TEMPLATE = /[$%]\{/;

type Checked = KvSecretProps & { readonly field: string };

/** Everything that is wrong with a KV secret, its name excepted. */
export function kvSecretProblems(props: Checked): readonly (Problem | undefined)[] {
  return [
    typeProblem(props),
    ownerProblem(props.owner),
    bornProblem(props),
    checkAndSetProblem(props),
    // Dates are computed from it only when the rest holds.
    ...valueProblems('value', props.value),
    ...fieldProblems(props),
  ];
}

function typeProblem({ type }: Checked): Problem | undefined {
  if (type.persistable && type.stores.includes('vault')) return undefined;
  return {
    code: 'SR-VAULT-KV-TYPE',
    property: 'type',
    message: `is ${type.name}, which is never stored as a value`,
    fix: 'use a managed key for encryption, and hold tokens of a session in memory',
  };
}

function ownerProblem(owner: string): Problem | undefined {
  if (owner.trim() !== '' && Buffer.byteLength(owner) <= METADATA_LENGTH && !TEMPLATE.test(owner)) return undefined;
  return {
    code: 'SR-VAULT-KV-OWNER',
    property: 'owner',
    message: `is empty, longer than ${METADATA_LENGTH} bytes, or a template of Terraform`,
    fix: 'name the team that is asked about this secret',
  };
}

function bornProblem({ value }: Checked): Problem | undefined {
  if (value.kind !== 'born-in-store') return undefined;
  return {
    code: 'SR-VAULT-KV-VALUE',
    property: 'value',
    message: 'is born in the store, but the KV engine makes no values of its own',
    fix: 'use Value.generated or Value.external, or a DynamicRole, whose users Vault makes itself',
  };
}

function checkAndSetProblem({ mount, value }: Checked): Problem | undefined {
  if (value.kind !== 'generated' || !mount.checkAndSet) return undefined;
  return {
    code: 'SR-VAULT-KV-CAS',
    property: 'value',
    message: `is generated, but mount ${mount.path} has check-and-set on, so Terraform could never write a second version and would book the failed write as done`,
    fix: 'use a mount without check-and-set, or an external value',
  };
}

function fieldProblems(props: Checked): readonly (Problem | undefined)[] {
  const { field, value, plainFields = {}, expectedFields } = props;
  const plain = Object.keys(plainFields);
  return [
    ...[field, ...plain, ...(expectedFields ?? [])].map(fieldForm),
    ...plain.map((name) => (SECRET_FIELD.test(name) ? secretInPlain(name) : undefined)),
    ...Object.entries(plainFields).map(([name, text]) => (TEMPLATE.test(text) ? templateInPlain(name) : undefined)),
    plain.includes(field) ? fieldTwice(field) : undefined,
    value.kind === 'external' && plain.length > 0 ? misplaced('plainFields', 'expectedFields', 'external') : undefined,
    value.kind === 'generated' && expectedFields !== undefined
      ? misplaced('expectedFields', 'plainFields', 'generated')
      : undefined,
    expectedFields !== undefined &&
    (expectedFields.length === 0 || new Set(expectedFields).size < expectedFields.length)
      ? {
          code: 'SR-VAULT-KV-FIELD',
          property: 'expectedFields',
          message: 'are none, or name one twice',
          fix: 'name each field once',
        }
      : undefined,
  ];
}

function fieldForm(name: string): Problem | undefined {
  if (FIELD.test(name)) return undefined;
  return {
    code: 'SR-VAULT-KV-FIELD',
    property: 'field',
    message: `is ${JSON.stringify(name)}, allowed are lower-case letters, digits and underscores, a letter first`,
    fix: 'write a name such as username',
  };
}

function secretInPlain(name: string): Problem {
  return {
    code: 'SR-VAULT-KV-FIELD',
    property: `plainFields.${name}`,
    message: 'has the name of a secret, and plain fields stand in the code and in every plan',
    fix: 'leave it out: the generated value has a field of its own',
  };
}

function templateInPlain(name: string): Problem {
  return {
    code: 'SR-VAULT-KV-FIELD',
    property: `plainFields.${name}`,
    message: 'has a template of Terraform in it',
    fix: 'write plain text',
  };
}

function fieldTwice(field: string): Problem {
  return {
    code: 'SR-VAULT-KV-FIELD',
    property: `plainFields.${field}`,
    message: 'is the field of the generated value too',
    fix: 'give one of the two another name',
  };
}

function misplaced(property: string, instead: string, kind: string): Problem {
  return {
    code: 'SR-VAULT-KV-FIELD',
    property,
    message: `do not belong to a value that is ${kind}`,
    fix: `use ${instead}, or leave them out`,
  };
}
