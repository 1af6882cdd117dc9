import { titleOf, type Way } from './place';

const tried = new Map<string, Set<string>>();

/** Notes, when the tests of a file are collected, that it has one of a class of faults with a way of rotating. */
export function tries(fault: string, way: Way): void {
  const title = titleOf(way);
  tried.set(title, (tried.get(title) ?? new Set()).add(fault));
}

/** The classes that the tests of this file try, in order, by way of rotating. */
export function triedClasses(): Readonly<Record<string, readonly string[]>> {
  const inOrder = (classes: Iterable<string>) =>
    [...classes].sort((one, other) => Number(one.slice(1)) - Number(other.slice(1)));
  return Object.fromEntries([...tried].map(([title, classes]) => [title, inOrder(classes)]));
}
