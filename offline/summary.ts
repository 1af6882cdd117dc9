import { asObjects } from '../review/model';
import { AGAINST_HEADING, againstNotes, type ChangedAttributes, changedIn } from './against-summary';
import type { PlannedStack, ResourceChange } from './plan';

/** What a plan does with one resource. */
export type Action = 'add' | 'change' | 'replace' | 'destroy';

/** One resource that a plan changes. */
export interface PlannedChange extends ChangedAttributes {
  readonly action: Action;
  readonly type: string;
  readonly address: string;
  /** The construct's path, else the address. */
  readonly path: string;
  /** Arguments that force a replacement. */
  readonly because: readonly string[];
}

/** What a reader of one stack's plan needs to know. */
export interface PlanSummary {
  readonly stack: string;
  /** Whether there is a plan. */
  readonly planned: boolean;
  /** How the plan stands to a base, where it is on a state made from one. */
  readonly against?: PlannedStack['against'];
  /** What stands above such a plan. */
  readonly heading?: string;
  readonly counts: Readonly<Record<Action, number>>;
  readonly changes: readonly PlannedChange[];
  /** One line per provider: how it was served. */
  readonly providers: readonly string[];
  readonly problems: readonly string[];
  readonly notes: readonly string[];
  readonly milliseconds: number;
}

const ACTIONS: readonly Action[] = ['add', 'change', 'replace', 'destroy'];
const SIGN: Readonly<Record<Action, string>> = { add: '+', change: '~', replace: '-/+', destroy: '-' };

/** Sums up one plan. */
export function summarizePlan(planned: PlannedStack): PlanSummary {
  const { stack, servings, diagnostics } = planned;
  const paths = new Map(stack.model.blocks.map(({ address, path }) => [address, path]));
  const pathOf = (address: string) => paths.get(address.replace(/\[.*$/, '')) ?? address;
  const changes = planned.changes.flatMap((change): readonly PlannedChange[] => {
    const action = actionOf(change);
    if (action === undefined || change.mode !== 'managed') return [];
    const { address, type } = change;
    const because = (change.change.replace_paths ?? []).map((one) => one.join('.'));
    return [{ action, type, address, path: pathOf(address), because, ...changedIn(planned, change) }];
  });
  return {
    stack: stack.id,
    planned: planned.json !== '',
    ...(planned.against === undefined ? {} : { against: planned.against, heading: AGAINST_HEADING }),
    counts: Object.fromEntries(
      ACTIONS.map((action) => [action, changes.filter((one) => one.action === action).length]),
    ) as Record<Action, number>,
    changes,
    providers: servings.map(({ provider, described }) => `${provider.type}: ${described}`),
    problems: diagnostics.map(
      ({ severity, summary, detail, at }) => `${severity}: ${at === undefined ? '' : `${at}: `}${summary}: ${detail}`,
    ),
    notes: [
      ...new Set([
        ...againstNotes(planned, pathOf),
        ...servings.flatMap(({ notes }) => notes),
        ...importsOf(planned, pathOf),
        ...notConsulted(planned),
      ]),
    ],
    milliseconds: planned.milliseconds,
  };
}

/** The summary as lines of text. */
export function summaryText(summary: PlanSummary): string {
  const { stack, planned, heading, counts, changes, providers, problems, notes } = summary;
  const counted = ACTIONS.map((action) => `${counts[action]} to ${action}`).join(', ');
  return [
    `${stack}${heading === undefined ? '' : `, ${heading}`}: ${planned ? counted : 'no plan'}`,
    ...ACTIONS.flatMap((action) =>
      byType(
        changes.filter((one) => one.action === action),
        action,
      ),
    ),
    ...problems.map((one) => `  ${one}`),
    `  providers: ${providers.length === 0 ? 'none' : providers.join('; ')}`,
    ...notes.map((one) => `  ${one}`),
  ].join('\n');
}

function byType(changes: readonly PlannedChange[], action: Action): readonly string[] {
  const types = [...new Set(changes.map(({ type }) => type))].sort();
  return types.flatMap((type) => {
    const these = changes.filter((one) => one.type === type);
    return [
      `  ${SIGN[action]} ${type} (${these.length})`,
      ...these.map((one) => `      ${[one.path, ...told(one)].join(', ')}`),
    ];
  });
}

/** What there is to say of one change besides where it is. */
function told({ action, because, attributes, doubtful, mayReplace }: PlannedChange): readonly string[] {
  const named = (words: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${words} ${names.join(', ')}`];
  return [
    ...named('because of', because),
    ...(action === 'change' ? named('altering', attributes) : []),
    ...named(action === 'replace' ? 'may be in place:' : 'may replace:', mayReplace),
    ...named('doubtful:', doubtful),
  ];
}

function actionOf({ change }: ResourceChange): Action | undefined {
  const actions = change.actions.join(' ');
  if (actions === 'create') return 'add';
  if (actions === 'update') return 'change';
  if (actions === 'delete' || actions === 'forget') return 'destroy';
  return actions === 'delete create' || actions === 'create delete' ? 'replace' : undefined;
}

/** What exists already is read before it is imported, by whatever serves its provider. */
function importsOf({ stack, json }: PlannedStack, pathOf: (address: string) => string): readonly string[] {
  const paths = asObjects(stack.model.json['import']).map(({ to }) => pathOf(String(to)));
  if (paths.length === 0 || json !== '') return [];
  return [`the stack imports ${paths.join(', ')}, which has to be read: without a login there is no plan`];
}

function notConsulted({ servings }: PlannedStack): readonly string[] {
  const standIns = servings.filter(({ kind }) => kind === 'stand-in').map(({ provider }) => provider.type);
  return [
    `not consulted: the remote state${standIns.length === 0 ? '' : `, and the own validation of ${standIns.join(', ')}`}`,
  ];
}
