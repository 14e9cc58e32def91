/**
 * The loop of a lane: frames from its rings into columns and the log, columns into segments.
 *
 *     drain:  frames ──decode──> columns ──> log ──> results published, ring room released
 *     write:  columns ──encode──> one append to the active segment, as soon as a batch is due
 *
 * 1. No result is published before the log append of its group has returned.
 * 2. Batches are written only between two drains, so that all their rows are in the log.
 * 3. All rows of a request are in one batch.
 */

import { decodeResult, type RequestDecoder } from '../columns/request-decoder.ts';
import type { SealReason } from '../disk/segment/segment.ts';
import type { Consumer } from '../ring/consumer.ts';
import type { TakenFrame } from '../ring/taken-frame.ts';
import type { TallyCounter } from '../ring/tallies.ts';
import { toBatchId } from '../shared/batch-id.ts';
import { invariant } from '../shared/invariant.ts';
import { type Outcome, outcomeNumber } from '../shared/outcome.ts';
import { type Signal, signalNumber, signals } from '../shared/signal.ts';
import type { Batches, BatchesMark } from './batches.ts';
import type { FrameLog, LoggedFrame } from './frame-log.ts';
import type { RowCounts } from './lane-messages.ts';
import type { LaneSegments } from './lane-segments.ts';
import { explainMalformed } from './malformed-request.ts';
import type { PositionCounter } from './position-counter.ts';
import type { StorageFault } from './storage-fault.ts';
import type { VanishedFiles } from './vanished-files.ts';

/** Limits for one ring before the next one has its turn, so that a long queue starves no other. */
const drainLimits = { bytesMax: 1024 * 1024, framesMax: 64 } as const;

export interface LaneOptions {
  readonly lane: number;
  readonly positions: PositionCounter;
  readonly ringCount: number;
  readonly consumer: Consumer;
  readonly decoder: RequestDecoder;
  /** A request that would take its batch past this many bytes waits for the next batch. */
  readonly batchBytesMax: number;
  readonly tallies: TallyCounter;
  readonly batches: Batches;
  /** Undefined with durability `received`. */
  readonly log: FrameLog | undefined;
  readonly segments: Pick<LaneSegments, 'seal'>;
  readonly fault: StorageFault;
  readonly vanishedFiles: Pick<VanishedFiles, 'look'>;
}

/** A frame whose rows are in the columns but not in the log yet. */
interface AcceptedFrame extends LoggedFrame {
  readonly signal: Signal;
  readonly receivedTimeNs: bigint;
  readonly rows: number;
  /** Index of its answer in `#answers`. */
  readonly answerIndex: number;
}

export class Lane {
  readonly #options: LaneOptions;
  /** Signals whose batch must be written before the frame at the head of a ring can be taken. */
  readonly #blocked = new Set<Signal>();
  /** The outcomes of the frames of this drain, in the order in which they were taken. */
  readonly #answers: { readonly ring: number; outcome: Outcome }[] = [];
  readonly #accepted: AcceptedFrame[] = [];

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Takes frames from every ring, then writes what is due. Returns the number of frames taken. */
  turn(): number {
    this.#options.fault.look();
    const frameCount = this.#drain();
    this.#writeDue();
    return frameCount;
  }

  /** Returns a position below which all requests are in segments. */
  get archivedBelow(): number {
    const { batches, positions } = this.#options;
    return batches.firstPosition ?? positions.next;
  }

  /** Returns how many milliseconds the lane may sleep before a batch is due by its age. */
  sleepMs(sleepMsMax: number): number {
    const { batches, fault } = this.#options;
    return fault.reason === undefined ? batches.dueMs(sleepMsMax) : sleepMsMax;
  }

  /**
   * Writes all rows that are held. Returns their number for each signal, and the fault if the disk
   * did not take them.
   */
  flush(): { readonly rows: RowCounts; readonly fault: string | undefined } {
    const { batches, fault } = this.#options;
    let rows: RowCounts = {};
    fault.attempt(() => {
      rows = batches.writeAll();
    });
    this.#releaseLog();
    return { rows, fault: fault.writeReason };
  }

  /**
   * Writes all rows that are held and seals the active segments. Returns their paths, too. If rows
   * cannot be written, nothing is sealed: the rows stay for a later write, and a seal that succeeds
   * would hide the fault.
   */
  rotate(reason: SealReason): ReturnType<Lane['flush']> & { readonly sealed: readonly string[] } {
    const { fault, segments } = this.#options;
    const { rows, fault: failed } = this.flush();
    let sealed: string[] = [];
    if (failed === undefined) {
      fault.attempt(() => {
        sealed = segments.seal(reason);
      });
    }
    return { rows, sealed, fault: fault.writeReason };
  }

  #drain(): number {
    const { batches, consumer, ringCount } = this.#options;
    const mark = batches.mark();
    let frameCount = 0;
    for (let ring = 0; ring < ringCount && this.#blocked.size === 0; ring++) {
      frameCount += consumer.take(ring, drainLimits, (frame) => this.#takeFrame(ring, frame));
    }
    if (this.#accepted.length > 0) this.#commit(mark);
    for (const { ring, outcome } of this.#answers) {
      consumer.pushResult(ring, outcomeNumber(outcome));
    }
    this.#answers.length = 0;
    this.#accepted.length = 0;
    for (let ring = 0; ring < ringCount; ring++) consumer.release(ring);
    consumer.flushResults();
    return frameCount;
  }

  /** Returns false to leave the frame in its ring until a batch has been written. */
  #takeFrame(ring: number, frame: TakenFrame): boolean {
    if (this.#options.fault.reason !== undefined) {
      this.#answers.push({ ring, outcome: 'unavailable' });
      return true;
    }
    const { batches, positions } = this.#options;
    const signal = signals[frame.signalNumber];
    invariant(signal !== undefined, 'a frame has a signal');
    const { receivedTimeNs, address, bodyAddress, bodyBytes } = frame;
    const rows = batches.accepts(signal, receivedTimeNs)
      ? this.#decode(signal, frame, positions.next)
      : decodeResult.tooLarge;
    if (rows === decodeResult.tooLarge && batches.holds(signal)) {
      this.#blocked.add(signal);
      return false;
    }
    if (rows > 0) {
      const position = positions.next++;
      batches.hold(signal, position, receivedTimeNs, rows);
      const answerIndex = this.#answers.length;
      const where = { address, bodyAddress, bodyBytes };
      this.#accepted.push({ signal, receivedTimeNs, rows, position, answerIndex, ...where });
    }
    const malformed = rows === decodeResult.malformed;
    const { decoder, batchBytesMax } = this.#options;
    const outcome = malformed
      ? explainMalformed(decoder, { signal, bodyAddress, bodyBytes }, batchBytesMax)
      : outcomeOf(rows);
    this.#answers.push({ ring, outcome });
    return true;
  }

  /** Adds a frame's rows to the columns; returns how many, or a `decodeResult`. */
  #decode(
    signal: Signal,
    frame: Pick<TakenFrame, 'bodyAddress' | 'bodyBytes' | 'receivedTimeNs'>,
    position: number,
  ): number {
    const { decoder, lane, batchBytesMax } = this.#options;
    const { bodyAddress, bodyBytes, receivedTimeNs } = frame;
    const batchId = toBatchId(lane, position);
    const number = signalNumber(signal);
    return decoder.decode(number, bodyAddress, bodyBytes, receivedTimeNs, batchId, batchBytesMax);
  }

  /** Logs the frames of this drain. Frames that cannot be logged are rolled back and refused. */
  #commit(mark: BatchesMark): void {
    const { batches, fault, log, tallies } = this.#options;
    let rollBackTo: BatchesMark | undefined = mark;
    const isLogged = fault.attempt(() => {
      if (log === undefined || log.append(this.#accepted) === 'appended') return;
      // The batches that keep the log full are written first, without the frames of this drain,
      // because those are not in the log yet.
      batches.rollBack(mark);
      rollBackTo = undefined;
      batches.writeAll();
      this.#releaseLog();
      rollBackTo = batches.mark();
      for (const frame of this.#accepted) this.#holdAgain(frame);
      const again = log.append(this.#accepted);
      invariant(again === 'appended', 'a log of which nothing is needed has room for a group');
    });
    if (!isLogged && rollBackTo !== undefined) batches.rollBack(rollBackTo);
    for (const { signal, rows, answerIndex } of this.#accepted) {
      if (isLogged) tallies.add(signal, { received: rows, pending: rows });
      else {
        tallies.add(signal, { received: rows, unavailable: rows });
        this.#answers[answerIndex]!.outcome = 'unavailable';
      }
    }
  }

  #holdAgain(frame: AcceptedFrame): void {
    const { signal, position, receivedTimeNs } = frame;
    const rows = this.#decode(signal, frame, position);
    invariant(rows === frame.rows, 'a frame decodes as it did before');
    this.#options.batches.hold(signal, position, receivedTimeNs, rows);
  }

  #writeDue(): void {
    const { batches, fault, vanishedFiles } = this.#options;
    const demanded = new Set(this.#blocked);
    this.#blocked.clear();
    if (fault.isWriteFailing && !fault.isRetryDue) return;
    fault.attempt(() => {
      vanishedFiles.look();
      // After a failure all batches are written at once, which shows whether the disk works again.
      if (fault.isWriteFailing) batches.writeAll();
      else batches.writeDue(demanded);
      batches.sealDue();
    });
    this.#releaseLog();
  }

  /** Frames that are in segments are not needed in the log any more. */
  #releaseLog(): void {
    this.#options.log?.release(this.archivedBelow);
  }
}

/** Converts a result of the decoder: a number of rows, or a `decodeResult`. */
function outcomeOf(rows: number): Outcome {
  if (rows === decodeResult.tooDeep) return 'too_deep';
  if (rows === decodeResult.tooLarge) return 'too_large';
  return 'accepted';
}
