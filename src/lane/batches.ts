/** The rows of each signal that a lane holds in columns, and when they become a record batch. */

import type { RequestDecoder } from '../columns/request-decoder.ts';
import type { SegmentWriter } from '../disk/segment/segment-writer.ts';
import type { TallyCounter } from '../ring/tallies.ts';
import type { Clock } from '../shared/clock.ts';
import type { EncodedBatch } from '../shared/encoded-batch.ts';
import { invariant } from '../shared/invariant.ts';
import { type Signal, signalNumber } from '../shared/signal.ts';
import type { RowCounts } from './lane-messages.ts';

const nsPerDay = 86_400_000_000_000n;

export interface BatchLimits {
  readonly rowsMax: number;
  readonly ageMaxMs: number;
}

export interface BatchesOptions {
  readonly limits: BatchLimits;
  readonly clock: Clock;
  readonly decoder: RequestDecoder;
  readonly tallies: TallyCounter;
  readonly segments: ReadonlyMap<Signal, SegmentWriter>;
  /**
   * Encodes the rows that the decoder holds of a signal. The buffers stay valid until the decoder
   * is reset.
   */
  readonly encode: (signal: Signal) => EncodedBatch;
}

/** The rows of one signal. All were received on one UTC date. */
interface PendingBatch {
  readonly utcDay: bigint;
  readonly startedMs: number;
  readonly from: number;
  to: number;
  rows: number;
}

/** The state of all pending batches at one moment, for `rollBack`. */
export type BatchesMark = ReadonlyMap<Signal, Readonly<PendingBatch>>;

export class Batches {
  readonly #options: BatchesOptions;
  readonly #pending = new Map<Signal, PendingBatch>();

  constructor(options: BatchesOptions) {
    this.#options = options;
  }

  /** Returns the lowest position that is held; undefined if no rows are held. */
  get firstPosition(): number | undefined {
    const positions = [...this.#pending.values()].map(({ from }) => from);
    return positions.length === 0 ? undefined : Math.min(...positions);
  }

  holds(signal: Signal): boolean {
    return this.#pending.has(signal);
  }

  /**
   * True if rows received at this time may join the pending batch. A batch has rows of one UTC date
   * only.
   */
  accepts(signal: Signal, receivedTimeNs: bigint): boolean {
    const batch = this.#pending.get(signal);
    return batch === undefined || batch.utcDay === receivedTimeNs / nsPerDay;
  }

  /** Counts the rows of a frame, which the decoder has just added to the columns. */
  hold(signal: Signal, position: number, receivedTimeNs: bigint, rows: number): void {
    const batch = this.#pending.get(signal);
    if (batch === undefined) {
      const startedMs = this.#options.clock.monotonicMs();
      const utcDay = receivedTimeNs / nsPerDay;
      this.#pending.set(signal, { utcDay, startedMs, from: position, to: position, rows });
    } else {
      batch.to = position;
      batch.rows += rows;
    }
  }

  mark(): BatchesMark {
    return new Map([...this.#pending].map(([signal, batch]) => [signal, { ...batch }]));
  }

  /** Removes all rows that came after the mark. No batch may have been written since the mark. */
  rollBack(mark: BatchesMark): void {
    for (const signal of [...this.#pending.keys()]) {
      const batch = mark.get(signal);
      this.#options.decoder.truncate(signalNumber(signal), batch?.rows ?? 0);
      if (batch === undefined) this.#pending.delete(signal);
      else this.#pending.set(signal, { ...batch });
    }
  }

  /** Returns the number of rows that are held. */
  get rows(): number {
    return [...this.#pending.values()].reduce((sum, { rows }) => sum + rows, 0);
  }

  /** Returns the milliseconds until a batch is due by its age, at most `msMax`. */
  dueMs(msMax: number): number {
    const { clock, limits } = this.#options;
    const now = clock.monotonicMs();
    const due = [...this.#pending.values()].map((batch) => batch.startedMs + limits.ageMaxMs - now);
    return Math.max(0, Math.min(msMax, ...due));
  }

  /** Writes each batch that is full, old or demanded. Throws the errors of `SegmentWriter`. */
  writeDue(demanded: ReadonlySet<Signal>): void {
    const { clock, limits } = this.#options;
    const now = clock.monotonicMs();
    for (const [signal, batch] of [...this.#pending]) {
      const isOld = now - batch.startedMs >= limits.ageMaxMs;
      if (isOld || batch.rows >= limits.rowsMax || demanded.has(signal)) this.#write(signal, batch);
    }
  }

  /** Writes all rows that are held. Returns their number for each signal that had any. */
  writeAll(): RowCounts {
    const rows: RowCounts = {};
    for (const [signal, batch] of [...this.#pending]) {
      this.#write(signal, batch);
      rows[signal] = batch.rows;
    }
    return rows;
  }

  /** Seals each segment that is due by its size or age. */
  sealDue(): void {
    const unixMs = this.#options.clock.unixMs();
    for (const segment of this.#options.segments.values()) segment.sealIfDue(unixMs);
  }

  #write(signal: Signal, batch: PendingBatch): void {
    const { decoder, encode, segments, tallies } = this.#options;
    const segment = segments.get(signal);
    invariant(segment !== undefined, 'a recorded signal has segments');
    segment.append(encode(signal), { from: BigInt(batch.from), to: BigInt(batch.to) });
    decoder.reset(signalNumber(signal));
    this.#pending.delete(signal);
    tallies.add(signal, { archived: batch.rows, pending: -batch.rows });
  }
}
