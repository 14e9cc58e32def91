/**
 * Counts what an AbortSignal holds: listeners, and signals that `AbortSignal.any` derived from it.
 */
import { getEventListeners } from 'node:events';
import { types } from 'node:util';

export function dependentCount(signal: AbortSignal): number {
  const internals = Object.getOwnPropertySymbols(signal).map((symbol) => {
    return (signal as unknown as Record<symbol, unknown>)[symbol];
  });
  return internals
    .filter(types.isSet)
    .map(valuesOf)
    .filter((values) => values.every(isWeakRef))
    .reduce((sum, { length }) => sum + length, getEventListeners(signal, 'abort').length);
}

/** Node's internal sets and weak references do not have the usual prototypes. */
function valuesOf(set: Set<unknown>): unknown[] {
  const values: unknown[] = [];
  Set.prototype.forEach.call(set, (value) => values.push(value));
  return values;
}

function isWeakRef(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object WeakRef]';
}
