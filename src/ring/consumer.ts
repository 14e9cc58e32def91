/** The lane's end of all its rings: takes frames, stamps, releases and answers them, and sleeps. */
import { crc32 } from 'node:zlib';
import { frameField } from '../shared/frame.ts';
import { invariant } from '../shared/invariant.ts';
import { Doorbell } from './doorbell.ts';
import { type LaneLayout, overflowFlag, viewRegion } from './layout.ts';
import { ResultWriter } from './results.ts';
import { type FrameVisitor, RingReader, type TakeLimits } from './ring-reader.ts';

/** What the lane writes into the header of a frame that it accepts. */
export interface FrameStamp {
  readonly lane: number;
  readonly position: number;
  readonly epoch: number;
}

/** One for each lane, made once, in its thread. */
export class Consumer {
  readonly doorbell: Doorbell;
  readonly #base: number;
  readonly #region: DataView;
  readonly #regionBytes: Uint8Array;
  readonly #rings: readonly RingReader[];
  readonly #results: readonly ResultWriter[];
  /** By ring: frames that have a result. */
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
   * Visits the frames of a ring in order and within limits, and returns how many they were. They
   * stay where they are until `release`.
   */
  take(ringIndex: number, limits: TakeLimits, visit: FrameVisitor): number {
    return this.#rings[ringIndex]!.take(limits, visit);
  }

  /**
   * Gives back the room of all frames taken from a ring. Before `flushResults`: a producer that
   * wakes to its results then finds room, too.
   */
  release(ringIndex: number): void {
    this.#rings[ringIndex]!.release();
  }

  /** Answers the first frame taken from a ring that has no result yet; `flushResults` shows it. */
  pushResult(ringIndex: number, outcomeNumber: number): void {
    const { framesTaken } = this.#rings[ringIndex]!;
    invariant(this.#framesAnswered[ringIndex]! < framesTaken, 'only a taken frame is answered');
    this.#framesAnswered[ringIndex]! += 1;
    this.#results[ringIndex]!.push(outcomeNumber);
  }

  /** Shows all results pushed to their producers and wakes those that wait for them. */
  flushResults(): void {
    for (const results of this.#results) results.flush();
  }

  /** Makes the header at an address final, as shared/frame.ts says, with its own checksum. */
  stampFrame(address: number, { lane, position, epoch }: FrameStamp): void {
    const header = this.#region;
    const at = address - this.#base;
    // Where the body lies in memory says nothing in the log.
    const flags = header.getUint8(at + frameField.flags) & ~overflowFlag;
    header.setUint8(at + frameField.flags, flags);
    header.setUint16(at + frameField.lane, lane, true);
    header.setUint32(at + frameField.position, position % 2 ** 32, true);
    header.setUint32(at + frameField.position + 4, Math.floor(position / 2 ** 32), true);
    header.setUint32(at + frameField.epoch, epoch, true);
    const checked = this.#regionBytes.subarray(at, at + frameField.headerCrc32);
    header.setUint32(at + frameField.headerCrc32, crc32(checked), true);
  }

  /** Blocks until a frame is there to be taken or a control bit raised, at most so long. */
  waitForWork(timeoutMs: number): void {
    this.doorbell.sleepUnless(this.#hasFrames, timeoutMs);
  }
}
