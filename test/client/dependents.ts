/** Counts what an AbortSignal holds: listeners, and signals that `AbortSignal.any` made of it. */
import { getEventListeners } from 'node:events';
import { types } from 'node:util';

export function dependentCount(signal: AbortSignal): number {
  const internals = Object.getOwnPropertySymbols(signal).map((symbol) => {
    return (signal as unknown as Record<symbol, unknown>)[symbol];
  });
  return internals
    .filter(types.isSet)
    .map(valuesOf)
    .filter((values) => values.every((value) => value instanceof WeakRef))
    .reduce((sum, { length }) => sum + length, getEventListeners(signal, 'abort').length);
}

/** Node's internal sets do not have the prototype of Set. */
function valuesOf(set: Set<unknown>): unknown[] {
  const values: unknown[] = [];
  Set.prototype.forEach.call(set, (value) => values.push(value));
  return values;
}
