import type { Context, Operate } from '../context';
import { ServiceError, violated } from '../errors';
import { type Input, objects, optionalNumber, optionalText, text, texts } from '../input';
import type { Secret } from '../store';
import { dayOf, labelled, listed } from './secrets';

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html */
const LARGEST_PAGE = 100;

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Filter.html */
const FILTER_KEYS = ['description', 'name', 'tag-key', 'tag-value', 'primary-region', 'owning-service', 'all'];

export const ListSecrets: Operate = (context, input) => {
  const { items, next } = page(filtered(context, input), input);
  const list = items.map((secret) => ({
    ...listed(secret),
    SecretVersionsToStages: labelled(context.table.seen(secret)),
  }));
  return { SecretList: list, ...next };
};

export const ListSecretVersionIds: Operate = ({ table, faults }, input) => {
  const secret = table.find(text(input, 'SecretId'), { deletedToo: true });
  const versions = [...table.seen(secret).values()].filter(
    ({ labels, value }) =>
      // A version that a rotation has only registered is not listed, recorded on AWS.
      value !== undefined &&
      (labels.size > 0 || input.IncludeDeprecated === true) &&
      !(faults.listsOmitPending && labels.has('AWSPENDING')),
  );
  const { items, next } = page(versions, input);
  return {
    ARN: secret.arn,
    Name: secret.name,
    Versions: items.map(({ id, labels, created, accessed }) => ({
      VersionId: id,
      ...(labels.size === 0 ? {} : { VersionStages: [...labels] }),
      CreatedDate: created / 1000,
      ...(accessed === undefined ? {} : { LastAccessedDate: dayOf(accessed) }),
      KmsKeyIds: [secret.kmsKeyId ?? 'DefaultEncryptionKey'],
    })),
    ...next,
  };
};

/** The secrets that fit every filter; a filter fits when one of its values does. */
export function filtered({ table }: Context, input: Input): readonly Secret[] {
  const filters = objects(input, 'Filters').map((filter, index) => ({
    key: filterKey(text(filter, 'Key'), index),
    values: texts(filter, 'Values'),
  }));
  return table
    .all()
    .filter(({ deleted }) => deleted === undefined || input.IncludePlannedDeletion === true)
    .filter((secret) => filters.every(({ key, values }) => values.some((value) => fits(secret, key, value))));
}

function filterKey(key: string, index: number): string {
  if (FILTER_KEYS.includes(key)) return key;
  throw violated(`filters.${index + 1}.member.key`, `satisfy enum value set: [${FILTER_KEYS.join(', ')}]`, key);
}

/** A value that begins with `!` fits what it would not fit without. */
function fits(secret: Secret, key: string, value: string): boolean {
  if (value.startsWith('!')) return !fits(secret, key, value.slice(1));
  const { name, description = '', tags, replicas, arn } = secret;
  const starts = (whole: string) => whole.startsWith(value);
  switch (key) {
    case 'name':
      return starts(name);
    case 'description':
      return description
        .toLowerCase()
        .split(/\W+/)
        .some((word) => word.startsWith(value.toLowerCase()));
    case 'tag-key':
      return [...tags.keys()].some(starts);
    case 'tag-value':
      return [...tags.values()].some(starts);
    case 'primary-region':
      return replicas.size > 0 && starts(arn.split(':')[3] ?? '');
    case 'all':
      return ['name', 'description', 'tag-key', 'tag-value'].some((one) => fits(secret, one, value));
    default:
      // No secret is another service's here.
      return false;
  }
}

/** The part of a list that a call asks for, and where the next one goes on. */
export function page<T>(
  all: readonly T[],
  input: Input,
  largest = LARGEST_PAGE,
): { readonly items: readonly T[]; readonly next: Input } {
  const size = optionalNumber(input, 'MaxResults') ?? largest;
  const token = optionalText(input, 'NextToken') ?? '0';
  if (size < 1) throw violated('maxResults', 'have value greater than or equal to 1', size);
  if (size > largest) throw violated('maxResults', `have value less than or equal to ${largest}`, size);
  if (!/^\d{1,9}$/.test(token)) throw new ServiceError('InvalidNextTokenException', 'The NextToken value is invalid.');
  const from = Number(token);
  const to = from + size;
  return { items: all.slice(from, to), next: to < all.length ? { NextToken: String(to) } : {} };
}
