/**
 * The lane's side of all its rings: takes, stamps, answers and releases frames, and waits for work.
 */
import { crc32 } from 'node:zlib';
import { frameField } from '../shared/frame.ts';
import { invariant } from '../shared/invariant.ts';
import { Doorbell } from './doorbell.ts';
import { type LaneLayout, overflowFlag, viewRegion } from './layout.ts';
import { ResultWriter } from './results.ts';
import { type FrameVisitor, RingReader, type TakeLimits } from './ring-reader.ts';

/** The fields that the lane writes into the header of a frame that it accepts. */
export interface FrameStamp {
  readonly lane: number;
  readonly position: number;
  readonly epoch: number;
}

/** A lane creates its one consumer in its own thread. */
export class Consumer {
  readonly doorbell: Doorbell;
  readonly #base: number;
  readonly #region: DataView;
  readonly #regionBytes: Uint8Array;
  readonly #rings: readonly RingReader[];
  readonly #results: readonly ResultWriter[];
  /** Number of frames that have a result, by ring index. */
  readonly #framesAnswered: number[];
  readonly #hasFrames = () => this.#rings.some((ring) => ring.hasFrames());

  constructor(buffer: SharedArrayBuffer, layout: LaneLayout) {
    const ringIndexes = Array.from({ length: layout.ringCount }, (_, ringIndex) => ringIndex);
    this.doorbell = new Doorbell(buffer, layout);
    this.#base = layout.base;
    this.#region = viewRegion(buffer, layout);
    this.#regionBytes = new Uint8Array(buffer, layout.base, layout.bytes);
    this.#rings = ringIndexes.map((index) => new RingReader(buffer, layout, index));
    this.#results = ringIndexes.map((index) => new ResultWriter(buffer, layout, index));
    this.#framesAnswered = ringIndexes.map(() => 0);
  }

  /**
   * Visits the frames of a ring in order and within the limits. Returns how many frames it visited.
   * The frames stay in the ring until `release`.
   */
  take(ringIndex: number, limits: TakeLimits, visit: FrameVisitor): number {
    return this.#rings[ringIndex]!.take(limits, visit);
  }

  /**
   * Frees the space of all frames that were taken from a ring. Call it before `flushResults`: a
   * producer that its results wake then also finds free space.
   */
  release(ringIndex: number): void {
    this.#rings[ringIndex]!.release();
  }

  /**
   * Stores the result of the first taken frame that has none yet. `flushResults` makes it visible.
   */
  pushResult(ringIndex: number, outcomeNumber: number): void {
    const { framesTaken } = this.#rings[ringIndex]!;
    invariant(this.#framesAnswered[ringIndex]! < framesTaken, 'only a taken frame is answered');
    this.#framesAnswered[ringIndex]! += 1;
    this.#results[ringIndex]!.push(outcomeNumber);
  }

  /**
   * Makes all stored results visible to their producers, and wakes the producers that wait for
   * them.
   */
  flushResults(): void {
    for (const results of this.#results) results.flush();
  }

  /**
   * Completes the header at `address`, including its checksum. shared/frame.ts specifies the
   * fields.
   */
  stampFrame(address: number, { lane, position, epoch }: FrameStamp): void {
    const header = this.#region;
    const at = address - this.#base;
    // The log must not contain this flag: it only states where the body lies in shared memory.
    const flags = header.getUint8(at + frameField.flags) & ~overflowFlag;
    header.setUint8(at + frameField.flags, flags);
    header.setUint16(at + frameField.lane, lane, true);
    header.setUint32(at + frameField.position, position % 2 ** 32, true);
    header.setUint32(at + frameField.position + 4, Math.floor(position / 2 ** 32), true);
    header.setUint32(at + frameField.epoch, epoch, true);
    const checked = this.#regionBytes.subarray(at, at + frameField.headerCrc32);
    header.setUint32(at + frameField.headerCrc32, crc32(checked), true);
  }

  /** Blocks until a ring has a frame or a control bit is set, for at most `timeoutMs`. */
  waitForWork(timeoutMs: number): void {
    this.doorbell.sleepUnless(this.#hasFrames, timeoutMs);
  }
}
