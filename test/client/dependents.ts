/** Counts what an AbortSignal holds: listeners, and signals that `AbortSignal.any` made of it. */
import { getEventListeners } from 'node:events';

export function dependentCount(signal: AbortSignal): number {
  const internals = Object.getOwnPropertySymbols(signal).map((symbol) => {
    return (signal as unknown as Record<symbol, unknown>)[symbol];
  });
  const dependents = internals.filter((value) => value instanceof Set && isOfSignals(value));
  const counts = dependents.map((value) => (value as Set<unknown>).size);
  return counts.reduce((sum, count) => sum + count, getEventListeners(signal, 'abort').length);
}

/** Node keeps dependent signals as weak references, whose entries stay after the signals. */
function isOfSignals(set: Set<unknown>): boolean {
  return [...set].every((value) => value instanceof WeakRef);
}
