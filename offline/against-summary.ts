import type { Against } from './against';
import { changedAttributes } from './against-differences';
import type { PlannedStack, ResourceChange } from './plan';
import { replaceAt } from './schema';

/** Above every plan on a state made from another synth output. */
export const AGAINST_HEADING = 'against the base branch, not the deployed state';

/** What one planned change alters, and how far that can be trusted. */
export interface ChangedAttributes {
  /** Attributes that are altered in place or by a replacement. */
  readonly attributes: readonly string[];
  /** Those that the unchanged base wanted to alter too: the made-up state is wrong there. */
  readonly doubtful: readonly string[];
  /** Those by which the real provider may replace or not, depending on values or on its server's version. */
  readonly mayReplace: readonly string[];
}

/** Compares one planned change with what is known of its type and of the made-up state. */
export function changedIn({ servings, against }: PlannedStack, planned: ResourceChange): ChangedAttributes {
  const { type, address, previous_address: before } = planned;
  const attributes = changedAttributes(planned);
  const wrong = against?.doubts.find((one) => one.address === (before ?? address))?.attributes ?? [];
  const schema = servings.map((serving) => serving.schema?.resources[type]).find((one) => one !== undefined);
  return {
    attributes,
    doubtful: attributes.filter((one) => wrong.some((other) => overlap(one, other))),
    mayReplace: attributes.filter((one) => schema !== undefined && replaceAt(schema, one.split('.')) === 'if'),
  };
}

/** What a reader has to know before the changes, one line each. */
export function againstNotes(planned: PlannedStack, pathOf: (address: string) => string): readonly string[] {
  const { stack, against } = planned;
  if (against === undefined) return [];
  const { doubts, unchecked, unusable } = against;
  return [
    ...(against.is === 'new' ? [`${stack.id} is not in the base: planned from nothing`] : []),
    ...(against.is === 'gone' ? [`${stack.id} is only in the base: gone, everything in it would be destroyed`] : []),
    ...withoutState(against),
    ...(unusable === undefined ? [] : [`warning: the made-up state is of no use, planned from nothing: ${unusable}`]),
    ...(unchecked === undefined
      ? []
      : [`warning: the made-up state is not checked, the base can't be planned: ${unchecked}`]),
    ...byCode(planned).map((address) => `may replace, by rules in the provider's code: ${pathOf(address)}`),
    ...doubts.map(({ address, attributes }) => {
      const names = attributes.length === 0 ? 'all of it' : attributes.join(', ');
      return `warning: the unchanged base wanted to change ${pathOf(address)}: ${names}; such changes are doubtful`;
    }),
  ];
}

/** Resources that change in place on a stand-in, which has none of the rules that their provider's code has. */
function byCode({ servings, changes }: PlannedStack): readonly string[] {
  const standIns = servings.filter(({ kind }) => kind === 'stand-in');
  return changes
    .filter(({ change, type }) => {
      const ruled = standIns.some(({ schema }) => schema?.resources[type]?.custom_diff === true);
      return ruled && change.actions.join() === 'update';
    })
    .map(({ address }) => address);
}

function withoutState({ is, withoutState: because }: Against): readonly string[] {
  if (because === undefined) return [];
  const instead = is === 'gone' ? 'what would be destroyed is not known' : 'planned from nothing';
  return [`warning: the base can't be applied on stand-ins, ${instead}: ${because}`];
}

/** Whether one of two paths leads to the other. */
function overlap(a: string, b: string): boolean {
  return `${a}.`.startsWith(`${b}.`) || `${b}.`.startsWith(`${a}.`);
}
