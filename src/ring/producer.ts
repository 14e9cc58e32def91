/**
 * The producer's side of a ring: claims space, copies a request into it as a frame, publishes it.
 */
import { crc32 } from 'node:zlib';
import { frameBytes, frameField, frameHeaderBytes, frameMagic } from '../shared/frame.ts';
import { invariant } from '../shared/invariant.ts';
import { Doorbell } from './doorbell.ts';
import {
  type LaneLayout,
  type OverflowViews,
  overflowFlag,
  overflowFree,
  type RingViews,
  resultSlotCount,
  viewOverflow,
  viewRing,
  wrapMark,
} from './layout.ts';
import { ResultReader } from './results.ts';

/**
 * Returned in place of a ticket: the ring, the overflow slot or the results channel is full now.
 */
export const FULL = -1;

/** Returned in place of a ticket: the body is larger than the lane accepts. */
export const TOO_LARGE = -2;

/** Each ring has one producer, created in the thread that publishes. */
export class Producer {
  readonly #ringIndex: number;
  readonly #bodyBytesMax: number;
  readonly #slotBytesMax: number;
  readonly #views: RingViews;
  readonly #overflow: OverflowViews;
  readonly #doorbell: Doorbell;
  readonly #results: ResultReader;
  /** Position of the next frame or wrap mark. Positions are modulo 2^32. */
  #head: number;
  /** The tail as last loaded. The lane may have moved it forward since. */
  #tail: number;
  /** Set by `claim`: the head after the frame is published, and where header and body go. */
  #claimedHead: number;
  #headerAt = 0;
  #bodyBytes = 0;
  #inOverflow = false;
  #framesPublished = 0;
  #resultsTaken = 0;

  constructor(buffer: SharedArrayBuffer, layout: LaneLayout, ringIndex: number) {
    this.#ringIndex = ringIndex;
    this.#bodyBytesMax = layout.overflowBytes;
    // An empty ring has half of its size free in one piece, wherever head stands.
    this.#slotBytesMax = layout.ringBytes / 2;
    this.#views = viewRing(buffer, layout, ringIndex);
    this.#overflow = viewOverflow(buffer, layout);
    this.#doorbell = new Doorbell(buffer, layout);
    this.#results = new ResultReader(buffer, layout, ringIndex);
    this.#head = this.#views.head[0]!;
    this.#tail = this.#head;
    this.#claimedHead = this.#head;
  }

  /** Number of published frames whose results have not been taken yet. */
  get framesInFlight(): number {
    return this.#framesPublished - this.#resultsTaken;
  }

  /**
   * Passes a request to the lane. Returns its ticket, which counts this producer's frames from 0,
   * or FULL or TOO_LARGE. The chunks are copied. Together they have exactly `bodyBytes` bytes.
   */
  publish(
    signalNumber: number,
    receivedTimeNs: bigint,
    chunks: readonly Uint8Array[],
    bodyBytes: number,
  ): number {
    const claimed = this.claim(bodyBytes);
    if (claimed < 0) return claimed;
    return this.commit(signalNumber, receivedTimeNs, this.copy(chunks));
  }

  /**
   * The first step of `publish`: finds space. It is a method of its own so that it can be measured.
   * Returns 0, FULL or TOO_LARGE. After it returns 0, `copy` and `commit` must follow.
   */
  claim(bodyBytes: number): number {
    invariant(bodyBytes >>> 0 === bodyBytes, 'a body has a length');
    if (bodyBytes > this.#bodyBytesMax) return TOO_LARGE;
    if (this.framesInFlight >= resultSlotCount) return FULL;
    const wholeBytes = frameBytes(bodyBytes);
    this.#inOverflow = wholeBytes > this.#slotBytesMax;
    if (!this.#claimRing(this.#inOverflow ? frameHeaderBytes : wholeBytes)) return FULL;
    if (this.#inOverflow && !this.#claimOverflow()) return FULL;
    this.#bodyBytes = bodyBytes;
    return 0;
  }

  /** The second step of `publish`: copies the body, pads it, and returns its CRC-32. */
  copy(chunks: readonly Uint8Array[]): number {
    const target = this.#inOverflow ? this.#overflow.slot : this.#views.ring;
    const start = this.#inOverflow ? 0 : this.#headerAt + frameHeaderBytes;
    const end = start + this.#bodyBytes;
    let at = start;
    for (const chunk of chunks) {
      invariant(at + chunk.length <= end, 'the chunks are no longer than the body');
      // Node's fill copies with memcpy. TypedArray.set into shared memory takes six times as long
      // if source and target have different alignments, as chunks of a socket do.
      if (chunk.length > 0) target.fill(chunk, at, at + chunk.length);
      at += chunk.length;
    }
    invariant(at === end, 'the chunks are as long as the body');
    const paddedEnd = start + frameBytes(this.#bodyBytes) - frameHeaderBytes;
    while (at < paddedEnd) target[at++] = 0;
    return crc32(target.subarray(start, end));
  }

  /**
   * The last step of `publish`: writes the header, shows the frame to the lane, returns the ticket.
   */
  commit(signalNumber: number, receivedTimeNs: bigint, bodyCrc32: number): number {
    invariant(this.#claimedHead !== this.#head, 'a frame was claimed');
    this.#writeHeader(signalNumber, receivedTimeNs, bodyCrc32);
    this.#head = this.#claimedHead;
    // Makes the whole frame visible to the lane, with a wrap mark before it and a body in the
    // overflow slot.
    Atomics.store(this.#views.head, 0, this.#head);
    this.#doorbell.ringBell();
    const ticket = this.#framesPublished;
    this.#framesPublished += 1;
    return ticket;
  }

  /** Visits the available results in the order of the tickets. Returns how many it visited. */
  takeResults(visit: (outcomeNumber: number) => void): number {
    return this.#results.take((outcomeNumber) => {
      this.#resultsTaken += 1;
      visit(outcomeNumber);
    });
  }

  /**
   * Resolves when a result can be taken, or after `capMs` at the latest. In both cases look for
   * results and for free space again: a result often means that space was freed. Only the cap ends
   * the wait of a producer that waits for an overflow slot owned by another producer. The timer of
   * the cap keeps the event loop alive.
   */
  resultsReady(capMs: number): Promise<void> {
    return this.#results.ready(capMs);
  }

  /** Finds this many bytes in one piece. If the end of the ring is too near, writes a wrap mark. */
  #claimRing(slotBytes: number): boolean {
    const { ring, headers } = this.#views;
    const offset = this.#head & (ring.length - 1);
    const restBytes = ring.length - offset;
    const skippedBytes = slotBytes > restBytes ? restBytes : 0;
    if (!this.#hasRoom(skippedBytes + slotBytes)) return false;
    if (skippedBytes > 0) headers.setUint32(offset, wrapMark, true);
    this.#headerAt = skippedBytes > 0 ? 0 : offset;
    this.#claimedHead = (this.#head + skippedBytes + slotBytes) | 0;
    return true;
  }

  #hasRoom(bytes: number): boolean {
    const usedBytesMax = this.#views.ring.length - bytes;
    if (((this.#head - this.#tail) | 0) <= usedBytesMax) return true;
    // Shows this thread that the lane no longer reads the bytes before the tail.
    this.#tail = Atomics.load(this.#views.tail, 0);
    return ((this.#head - this.#tail) | 0) <= usedBytesMax;
  }

  #claimOverflow(): boolean {
    const { owner } = this.#overflow;
    // Claims the slot before any other producer can, and shows this thread that the lane has
    // finished with the slot.
    const before = Atomics.compareExchange(owner, 0, overflowFree, this.#ringIndex + 1);
    return before === overflowFree;
  }

  #writeHeader(signalNumber: number, receivedTimeNs: bigint, bodyCrc32: number): void {
    const { headers } = this.#views;
    const at = this.#headerAt;
    headers.setUint32(at + frameField.magic, frameMagic, true);
    headers.setUint32(at + frameField.bodyBytes, this.#bodyBytes, true);
    headers.setUint32(at + frameField.bodyCrc32, bodyCrc32, true);
    headers.setUint8(at + frameField.signal, signalNumber);
    headers.setUint8(at + frameField.flags, this.#inOverflow ? overflowFlag : 0);
    headers.setUint16(at + frameField.lane, 0, true);
    headers.setBigUint64(at + frameField.receivedTime, receivedTimeNs, true);
    // A position has 8 bytes. Writing it as two words avoids a BigInt.
    headers.setUint32(at + frameField.position, 0, true);
    headers.setUint32(at + frameField.position + 4, 0, true);
    headers.setUint32(at + frameField.epoch, 0, true);
    headers.setUint32(at + frameField.headerCrc32, 0, true);
  }
}
