import type { IConstruct } from 'constructs';

/** What the constructs of one app make, by id, and who waits for it. */
class Registry {
  private readonly begun = new Set<string>();
  private readonly made = new Map<string, IConstruct>();
  private readonly waiting = new Map<string, ((made: IConstruct) => void)[]>();
  private readonly facts = new Set<string>();

  /** Says that a constructor began to make something, before it is known whether it refuses. */
  begin(id: string): void {
    this.begun.add(id);
  }

  /** Says that something was made, and lets those go on who wait for it. */
  add(id: string, construct: IConstruct): void {
    this.made.set(id, construct);
    for (const use of this.waiting.get(id) ?? []) use(construct);
    this.waiting.delete(id);
  }

  find(id: string): IConstruct | undefined {
    return this.made.get(id);
  }

  /** Uses what has the id, now or as soon as it is made. */
  when(id: string, use: (made: IConstruct) => void): void {
    const construct = this.made.get(id);
    if (construct !== undefined) use(construct);
    else this.waiting.set(id, [...(this.waiting.get(id) ?? []), use]);
  }

  /** Remembers a fact, such as who may read what. */
  note(fact: string): void {
    this.facts.add(fact);
  }

  isNoted(fact: string): boolean {
    return this.facts.has(fact);
  }

  /** Whether a constructor refused: the rest of its stack was never made, so what is missing means nothing. */
  get refused(): boolean {
    return [...this.begun].some((id) => !this.made.has(id));
  }
}

// Keyed by the app's root: an association that lives and dies with that tree, not state of the process.
const registries = new WeakMap<IConstruct, Registry>();

/**
 * What the stacks of one app know of each other: which ids they make, never a value.
 *
 * Azure ids are composed from names, so a stack can name what another one makes, in whatever order the stacks come.
 */
export function madeInApp(construct: IConstruct): Registry {
  const root = construct.node.root;
  const registry = registries.get(root) ?? new Registry();
  registries.set(root, registry);
  return registry;
}

/** Refuses at synthesis what names something of this app that no stack of it makes. */
export function mustBeMade(construct: IConstruct, id: string, what: string, fix: string): void {
  const app = madeInApp(construct);
  construct.node.addValidation({
    validate: () =>
      app.refused || app.find(id) !== undefined
        ? []
        : [`${construct.node.path}: ${what}, which no stack of this app makes; ${fix} [SR-AZURE-NOT-MADE]`],
  });
}
