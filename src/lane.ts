/**
 * The loop of a lane: frames from its rings into batches, batches into segments.
 *
 *     drain:  frames ──decode──> columns   results and tallies published, ring room released
 *     cut:    columns ──encode──> one append to the active segment, as soon as a batch is due
 *
 * 1. A request lies in one batch whole, and a batch lies in one UTC date.
 * 2. A batch is cut between two drains only, when all its frames have had their results.
 */
import type { Consumer } from './buffer/consumer.ts';
import type { TakenFrame } from './buffer/taken-frame.ts';
import type { TallyWriter } from './buffer/tallies.ts';
import { decodeResult, type RequestDecoder } from './columns/request-decoder.ts';
import type { SegmentWriter } from './disk/segment-writer.ts';
import type { Clock } from './shared/clock.ts';
import type { EncodedBatch } from './shared/encoded-batch.ts';
import { invariant } from './shared/invariant.ts';
import { type Outcome, outcomeNumber } from './shared/outcome.ts';
import { type Signal, signals } from './shared/signal.ts';
import type { RowCounts } from './worker-messages.ts';

/** So much of one ring before the next one has its turn: a long queue must not starve the others. */
const drainLimits = { bytesMax: 1024 * 1024, framesMax: 64 } as const;

const nsPerDay = 86_400_000_000_000n;

/** `batch_id` is lane x 2^48 + position. */
const batchIdsPerLane = 2n ** 48n;

export interface LaneLimits {
  readonly batchRowsMax: number;
  readonly batchBytesMax: number;
  readonly batchAgeMaxMs: number;
}

/** The position of the next frame that is accepted; above that of every frame before it. */
export interface PositionCounter {
  next: number;
}

export interface LaneOptions {
  readonly lane: number;
  readonly positions: PositionCounter;
  readonly limits: LaneLimits;
  readonly clock: Clock;
  readonly ringCount: number;
  readonly consumer: Consumer;
  readonly decoder: RequestDecoder;
  readonly tallies: TallyWriter;
  readonly segments: ReadonlyMap<Signal, SegmentWriter>;
  /** The buffers of a signal's rows; they stay with the decoder until it is reset. */
  readonly encode: (signal: Signal) => EncodedBatch;
}

/** What is held of one signal and not yet in a segment. */
interface PendingBatch {
  /** Days since the epoch on which its rows were received. */
  readonly utcDay: bigint;
  readonly startedMs: number;
  readonly from: number;
  to: number;
  rows: number;
}

export class Lane {
  readonly #options: LaneOptions;
  readonly #pending = new Map<Signal, PendingBatch>();
  /** Signals whose batch must be cut before the frame at the head of a ring can be taken. */
  readonly #blocked = new Set<Signal>();
  /** What became of the frames of this drain, in the order in which they were taken. */
  readonly #answers: { readonly ring: number; readonly outcome: Outcome }[] = [];

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Takes frames from every ring in turn, then writes what is due; returns how many frames it took. */
  turn(): number {
    const frameCount = this.#drain();
    this.#cutDue();
    this.#sealDue();
    return frameCount;
  }

  /** How long the lane may sleep, in ms, until a batch is due by its age. */
  sleepMs(sleepMsMax: number): number {
    const { clock, limits } = this.#options;
    const now = clock.monotonicMs();
    const due = [...this.#pending.values()].map((batch) => batch.startedMs + limits.batchAgeMaxMs);
    return Math.max(0, Math.min(sleepMsMax, ...due.map((ms) => ms - now)));
  }

  /** Writes all that is held; returns the rows of each signal that had any. */
  flush(): RowCounts {
    const rows: RowCounts = {};
    for (const [signal, batch] of [...this.#pending]) {
      rows[signal] = batch.rows;
      this.#cut(signal, batch);
    }
    return rows;
  }

  #drain(): number {
    const { consumer, ringCount } = this.#options;
    let frameCount = 0;
    for (let ring = 0; ring < ringCount && this.#blocked.size === 0; ring++) {
      frameCount += consumer.take(ring, drainLimits, (frame) => this.#takeFrame(ring, frame));
    }
    for (const { ring, outcome } of this.#answers.splice(0)) {
      consumer.pushResult(ring, outcomeNumber(outcome));
    }
    for (let ring = 0; ring < ringCount; ring++) consumer.release(ring);
    consumer.flushResults();
    return frameCount;
  }

  /** False leaves the frame in its ring: a batch must be cut before it can be taken. */
  #takeFrame(ring: number, frame: TakenFrame): boolean {
    const signal = signals[frame.signalNumber];
    invariant(signal !== undefined, 'a frame has a signal');
    const batch = this.#pending.get(signal);
    const utcDay = frame.receivedTimeNs / nsPerDay;
    const isOfOtherDay = batch !== undefined && batch.utcDay !== utcDay;
    const rows = isOfOtherDay ? decodeResult.tooLarge : this.#decode(signal, frame);
    if (rows === decodeResult.tooLarge && batch !== undefined) {
      this.#blocked.add(signal);
      return false;
    }
    if (rows > 0) this.#hold(signal, frame, utcDay, rows);
    this.#answers.push({ ring, outcome: outcomeOf(rows) });
    return true;
  }

  #decode(signal: Signal, frame: TakenFrame): number {
    const { decoder, lane, limits, positions } = this.#options;
    return decoder.decode(
      signal,
      frame.bodyAddress,
      frame.bodyBytes,
      frame.receivedTimeNs,
      BigInt(lane) * batchIdsPerLane + BigInt(positions.next),
      limits.batchBytesMax,
    );
  }

  /** The rows are in the columns now; the frame takes its position for good. */
  #hold(signal: Signal, frame: TakenFrame, utcDay: bigint, rows: number): void {
    const { consumer, lane, positions } = this.#options;
    const position = positions.next++;
    consumer.stampFrame(frame.address, { lane, position, epoch: 0 });
    const batch = this.#pending.get(signal);
    if (batch === undefined) {
      const startedMs = this.#options.clock.monotonicMs();
      this.#pending.set(signal, { utcDay, startedMs, from: position, to: position, rows });
    } else {
      batch.to = position;
      batch.rows += rows;
    }
    this.#options.tallies.add(signal, { received: rows, pending: rows });
  }

  #cutDue(): void {
    const { clock, limits } = this.#options;
    const now = clock.monotonicMs();
    for (const [signal, batch] of [...this.#pending]) {
      const isOld = now - batch.startedMs >= limits.batchAgeMaxMs;
      const isDue = isOld || batch.rows >= limits.batchRowsMax || this.#blocked.has(signal);
      if (isDue) this.#cut(signal, batch);
    }
    this.#blocked.clear();
  }

  #sealDue(): void {
    const { clock, segments } = this.#options;
    const unixMs = clock.unixMs();
    for (const segment of segments.values()) segment.sealIfDue(unixMs);
  }

  /** Encodes a signal's rows and appends them to its segment. */
  #cut(signal: Signal, batch: PendingBatch): void {
    const { decoder, encode, segments, tallies } = this.#options;
    const segment = segments.get(signal);
    invariant(segment !== undefined, 'a recorded signal has segments');
    const encoded = encode(signal);
    segment.append(encoded, { from: BigInt(batch.from), to: BigInt(batch.to) });
    decoder.reset(signal);
    this.#pending.delete(signal);
    tallies.add(signal, { archived: batch.rows, pending: -batch.rows });
  }
}

/** Of a decode that gave no rows; anything from 0 on is how many rows it gave. */
function outcomeOf(rows: number): Outcome {
  if (rows === decodeResult.malformed) return 'malformed';
  if (rows === decodeResult.tooDeep) return 'too_deep';
  if (rows === decodeResult.tooLarge) return 'too_large';
  return 'accepted';
}
