/** Counts what became of requests and their items. */
import type { Answer } from '../../client/answer.ts';
import type { Signal } from '../../shared/signal.ts';

/** Counts of the items of one signal. */
export interface ItemTally {
  acknowledged: number;
  /** Refused for good, or by a partial success. */
  rejected: number;
  /** Never answered, or only asked to try again. */
  failed: number;
}

export interface Tally {
  /** The counts of each signal that is sent. */
  readonly items: ReadonlyMap<Signal, ItemTally>;
  requests: number;
  retries: number;
  seconds: number;
  /** What the last answer said that was no plain success. */
  lastProblem: string | undefined;
  /** True if the address or the credentials were wrong. */
  isMisdirected: boolean;
  /** True if sending ended early because the destination no longer accepted requests. */
  gaveUp: boolean;
}

export function emptyTally(signals: readonly Signal[]): Tally {
  const none = () => ({ acknowledged: 0, rejected: 0, failed: 0 });
  return {
    items: new Map(signals.map((signal) => [signal, none()])),
    requests: 0,
    retries: 0,
    seconds: 0,
    lastProblem: undefined,
    isMisdirected: false,
    gaveUp: false,
  };
}

/** Adds a request and its final answer; never more items than it has, whatever the answer says. */
export function countAnswer(tally: Tally, signal: Signal, itemCount: number, answer: Answer): void {
  const items = tally.items.get(signal)!;
  tally.requests++;
  if (answer.message !== '') {
    tally.lastProblem = answer.message;
    tally.isMisdirected = answer.verdict === 'refused' && answer.isMisdirected;
  }
  if (answer.verdict === 'unavailable') {
    items.failed += itemCount;
    return;
  }
  const rejectedCount = answer.verdict === 'refused' ? itemCount : answer.rejectedItems;
  const rejected = Math.min(Math.max(rejectedCount, 0), itemCount);
  items.rejected += rejected;
  items.acknowledged += itemCount - rejected;
}

/** The items of all signals together. */
export function sumItems({ items }: Pick<Tally, 'items'>): ItemTally {
  const sum = { acknowledged: 0, rejected: 0, failed: 0 };
  for (const { acknowledged, rejected, failed } of items.values()) {
    sum.acknowledged += acknowledged;
    sum.rejected += rejected;
    sum.failed += failed;
  }
  return sum;
}
