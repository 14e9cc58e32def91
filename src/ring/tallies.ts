/** The counts of items, written by lanes and read by the main thread, each set whole. */
import { invariant } from '../shared/invariant.ts';
import { type Signal, signalNumber, signals } from '../shared/signal.ts';
import { type TallyViews, tallyBytes, tallyCount, tallyCountMax, viewTally } from './layout.ts';

/**
 * Why the items of a decoded request were refused. lane_died: they were not in a segment yet when
 * their lane died. Those that had been acknowledged come back from the log, and then count as
 * received once more, and as recovered.
 */
const rejectionReasons = ['too_large', 'unavailable', 'lane_died'] as const;

export type RejectionReason = (typeof rejectionReasons)[number];

/** In the order of their places; received = archived + pending + each rejected, always. */
const countNames = ['received', 'archived', 'pending', 'recovered', ...rejectionReasons] as const;

type CountName = (typeof countNames)[number];

invariant(countNames.length <= tallyCountMax, 'the counts fit into their tally');

/** Counts of items (spans, points, records), all of one moment. */
export interface Tally {
  readonly received: number;
  readonly archived: number;
  readonly pending: number;
  /** Those of received that recovery replayed. */
  readonly recovered: number;
  readonly rejected: Readonly<Record<RejectionReason, number>>;
}

/** The port of those who count. */
export type TallyCounter = Pick<TallyWriter, 'add'>;

/** What to add to each count; may be negative for pending. */
export type TallyChanges = Readonly<Partial<Record<CountName, number>>>;

/** For the lanes' tallies; made by the main thread, all counts 0. */
export function createTallies(laneCount: number): SharedArrayBuffer {
  return new SharedArrayBuffer(tallyBytes(laneCount * signals.length));
}

/**
 * One for each lane: a tally has one writer at a time. That of a lane which is started again goes
 * on where the one before it ended, since counts never go back; nothing is pending any more, as
 * what the dead lane held went with its memory.
 */
export class TallyWriter {
  readonly #views: readonly TallyViews[];
  readonly #counts: readonly number[][];

  constructor(buffer: SharedArrayBuffer, laneIndex: number) {
    this.#views = signals.map((_, index) => viewTally(buffer, laneIndex * signals.length + index));
    this.#counts = this.#views.map(readOne);
    for (const signal of signals) {
      const pending = this.#counts[signalNumber(signal)]![countNames.indexOf('pending')]!;
      if (pending > 0) this.add(signal, { pending: -pending, lane_died: pending });
    }
  }

  /** Adds to several counts in one publication: a reader sees all of them changed, or none. */
  add(signal: Signal, changes: TallyChanges): void {
    const index = signalNumber(signal);
    const counts = this.#counts[index]!;
    for (const [place, name] of countNames.entries()) counts[place]! += changes[name] ?? 0;
    invariant(isBalanced(counts), 'received = archived + rejected + pending, none negative');
    publish(this.#views[index]!, counts);
  }
}

function isBalanced(counts: readonly number[]): boolean {
  const [received = 0, archived = 0, pending = 0, recovered = 0, ...rejected] = counts;
  const sum = rejected.reduce((total, count) => total + count, archived + pending);
  return received === sum && recovered <= received && counts.every((count) => count >= 0);
}

/** Writes the copy that nobody reads, then makes it the one that all read. */
function publish({ sequence, copies }: TallyViews, counts: readonly number[]): void {
  const next = (sequence[0]! + 1) | 0;
  const copy = copies[next & 1]!;
  for (const [place, count] of counts.entries()) {
    // Atomic, so that a reader which saw one of these also sees that the sequence had moved before.
    Atomics.store(copy, place * 2, count | 0);
    Atomics.store(copy, place * 2 + 1, Math.floor(count / 2 ** 32));
  }
  // Shows readers the copy just written; from now on the other one may change.
  Atomics.store(sequence, 0, next);
}

/** The counts of all lanes together, each signal's of one moment. */
export function readTallies(buffer: SharedArrayBuffer): Readonly<Record<Signal, Tally>> {
  const sums = signals.map(() => countNames.map(() => 0));
  for (let index = 0; index < tallyCount(buffer.byteLength); index += 1) {
    const sum = sums[index % signals.length]!;
    const counts = readOne(viewTally(buffer, index));
    for (const [place, count] of counts.entries()) sum[place]! += count;
  }
  return Object.fromEntries(
    signals.map((signal, index) => [signal, toTally(sums[index]!)]),
  ) as Record<Signal, Tally>;
}

/**
 * An attempt fails only when the lane published while it went on; a lane that is stopped halfway
 * fails none. Beside a writer that did nothing else, a reader needed four attempts at most.
 */
const readAttemptsMax = 1000;

function readOne({ sequence, copies }: TallyViews): number[] {
  for (let attempt = 0; attempt < readAttemptsMax; attempt += 1) {
    // Shows this thread the copy that was written before the sequence moved to it.
    const before = Atomics.load(sequence, 0);
    const counts = readCopy(copies[before & 1]!);
    // Comes after the loads of the copy: unmoved, the writer had not come back to this copy.
    if (Atomics.load(sequence, 0) === before) return counts;
  }
  invariant(false, 'a lane does not publish during each of a thousand reads');
}

function readCopy(copy: Int32Array): number[] {
  return countNames.map((_, place) => {
    // Ordered between the two loads of the sequence.
    const low = Atomics.load(copy, place * 2) >>> 0;
    return Atomics.load(copy, place * 2 + 1) * 2 ** 32 + low;
  });
}

function toTally(counts: readonly number[]): Tally {
  const named = Object.fromEntries(
    countNames.map((name, place) => [name, counts[place]!]),
  ) as Record<CountName, number>;
  const { received, archived, pending, recovered } = named;
  const rejected = Object.fromEntries(
    rejectionReasons.map((reason) => [reason, named[reason]]),
  ) as Record<RejectionReason, number>;
  return { received, archived, pending, recovered, rejected };
}
