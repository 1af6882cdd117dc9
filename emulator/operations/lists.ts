import type { Context, Operate } from '../context';
import { invalidParameter, ServiceError } from '../errors';
import { type Input, objects, optionalNumber, optionalText, text, texts } from '../input';
import type { Secret } from '../store';
import { labelled, listed } from './secrets';

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html */
const LARGEST_PAGE = 100;

export const ListSecrets: Operate = (context, input) => {
  const { items, next } = page(filtered(context, input), input);
  const list = items.map((secret) => ({
    ...listed(secret),
    SecretVersionsToStages: labelled(context.table.seen(secret)),
  }));
  return { SecretList: list, ...next };
};

export const ListSecretVersionIds: Operate = ({ table }, input) => {
  const secret = table.find(text(input, 'SecretId'), { deletedToo: true });
  const versions = [...table.seen(secret).values()].filter(
    ({ labels, value }) => value !== undefined && (labels.size > 0 || input.IncludeDeprecated === true),
  );
  const { items, next } = page(versions, input);
  return {
    ARN: secret.arn,
    Name: secret.name,
    Versions: items.map(({ id, labels, created }) => ({
      VersionId: id,
      VersionStages: [...labels],
      CreatedDate: created / 1000,
    })),
    ...next,
  };
};

/** The secrets that fit every filter; a filter fits when one of its values does. */
export function filtered({ table }: Context, input: Input): readonly Secret[] {
  const filters = objects(input, 'Filters').map((filter) => ({
    key: text(filter, 'Key'),
    values: texts(filter, 'Values'),
  }));
  return table
    .all()
    .filter(({ deleted }) => deleted === undefined || input.IncludePlannedDeletion === true)
    .filter((secret) => filters.every(({ key, values }) => values.some((value) => fits(secret, key, value))));
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
      throw new ServiceError('ValidationException', `${key} is not a key of a filter.`);
  }
}

function page<T>(all: readonly T[], input: Input): { readonly items: readonly T[]; readonly next: Input } {
  const size = optionalNumber(input, 'MaxResults') ?? LARGEST_PAGE;
  const token = optionalText(input, 'NextToken') ?? '0';
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE)
    throw invalidParameter(`MaxResults must be between 1 and ${LARGEST_PAGE}.`);
  if (!/^\d{1,9}$/.test(token)) throw new ServiceError('InvalidNextTokenException', 'The NextToken value is invalid.');
  const from = Number(token);
  const to = from + size;
  return { items: all.slice(from, to), next: to < all.length ? { NextToken: String(to) } : {} };
}
