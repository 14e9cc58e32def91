/** The counts of items. Lanes write them, and the main thread reads consistent sets of them. */
import { invariant } from '../shared/invariant.ts';
import { type Signal, signalNumber, signals } from '../shared/signal.ts';
import { type TallyViews, tallyBytes, tallyCount, tallyCountMax, viewTally } from './layout.ts';

/**
 * The reasons for refusing items of a decoded request. lane_died: the items were not in a segment
 * yet when their lane died. Acknowledged items among them are replayed from the log. They then
 * count as received again, and as recovered.
 */
const rejectionReasons = ['too_large', 'unavailable', 'lane_died'] as const;

export type RejectionReason = (typeof rejectionReasons)[number];

/** In the order in which they are stored. Always: received = archived + pending + all rejected. */
const countNames = ['received', 'archived', 'pending', 'recovered', ...rejectionReasons] as const;

type CountName = (typeof countNames)[number];

invariant(countNames.length <= tallyCountMax, 'the counts fit into their tally');

/** Counts of items (spans, points, records), all from one moment. */
export interface Tally {
  readonly received: number;
  readonly archived: number;
  readonly pending: number;
  /** The received items that recovery replayed. */
  readonly recovered: number;
  readonly rejected: Readonly<Record<RejectionReason, number>>;
}

/** The port for parts that count items. */
export type TallyCounter = Pick<TallyWriter, 'add'>;

/** The number to add to each count. It may be negative for pending. */
export type TallyChanges = Readonly<Partial<Record<CountName, number>>>;

/** Creates the buffer for the tallies of all lanes, with all counts 0. The main thread calls it. */
export function createTallies(laneCount: number): SharedArrayBuffer {
  return new SharedArrayBuffer(tallyBytes(laneCount * signals.length));
}

/**
 * Each lane has one writer, because a tally has one writer at a time. The writer of a restarted
 * lane continues with the counts of the writer before it, because counts never decrease. Pending
 * items of the dead lane were lost with its memory, so they are counted as lane_died.
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

  /** Adds to several counts in one publication: a reader sees either all changes or none. */
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

/** Writes the copy that is not in use, then makes it the copy that readers use. */
function publish({ sequence, copies }: TallyViews, counts: readonly number[]): void {
  const next = (sequence[0]! + 1) | 0;
  const copy = copies[next & 1]!;
  for (const [place, count] of counts.entries()) {
    // Atomic, so that a reader that sees one of these values also sees the earlier change of
    // sequence.
    Atomics.store(copy, place * 2, count | 0);
    Atomics.store(copy, place * 2 + 1, Math.floor(count / 2 ** 32));
  }
  // Makes the new copy visible to readers. From now on the other copy may change.
  Atomics.store(sequence, 0, next);
}

/** Returns the sums over all lanes. The counts of each lane's signal are from one moment. */
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
 * An attempt fails only if the lane published during the attempt. A lane that stops halfway makes
 * no attempt fail. When tested with a writer that only publishes, a reader needed at most four
 * attempts.
 */
const readAttemptsMax = 1000;

function readOne({ sequence, copies }: TallyViews): number[] {
  for (let attempt = 0; attempt < readAttemptsMax; attempt += 1) {
    // Makes the copy that was written before this sequence number visible to this thread.
    const before = Atomics.load(sequence, 0);
    const counts = readCopy(copies[before & 1]!);
    // Comes after the loads of the copy. If sequence is unchanged, the writer has not changed this
    // copy.
    if (Atomics.load(sequence, 0) === before) return counts;
  }
  invariant(false, 'a lane does not publish during each of a thousand reads');
}

function readCopy(copy: Int32Array): number[] {
  return countNames.map((_, place) => {
    // The atomic loads stay between the two loads of sequence.
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
