import { type JsonObject, type StackModel, stackModel } from '../../review/model';

/** A stack of resources by address, such as `{'aws_kms_key.key': {}}`, and whatever else the file holds. */
export function stackWith(
  resources: Readonly<Record<string, JsonObject>>,
  rest: JsonObject = {},
  id = 'prod-myapp-aws',
): StackModel {
  const resource: Record<string, Record<string, JsonObject>> = {};
  for (const [address, body] of Object.entries(resources)) {
    const [type = '', name = ''] = address.split('.');
    resource[type] = { ...resource[type], [name]: body };
  }
  return stackModel(id, { resource, ...rest });
}

/** A policy document as IAM takes it. */
export function policy(...statements: readonly JsonObject[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}
