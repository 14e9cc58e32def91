/** A frame as the lane sees it in its ring. It is read in place, without copies or allocations. */
import {
  frameAlignmentBytes,
  frameBytes,
  frameField,
  frameHeaderBytes,
  frameMagic,
} from '../shared/frame.ts';
import { invariant } from '../shared/invariant.ts';
import { type OverflowViews, overflowFlag, type RingViews } from './layout.ts';

/**
 * Valid until the next frame is visited. The bytes at its addresses are valid until the release.
 */
export interface TakenFrame {
  /** Address of the header, in the lane's memory. */
  readonly address: number;
  readonly bodyAddress: number;
  readonly bodyBytes: number;
  readonly signalNumber: number;
  readonly receivedTimeNs: bigint;
  /** Bytes of the ring that the frame takes: header, body and padding, or only the header. */
  readonly slotBytes: number;
  /** True if the body lies in the overflow slot, with the same padding as in the ring. */
  readonly inOverflow: boolean;
}

/** The only object that visitors of a ring receive. It moves from frame to frame. */
export class FrameCursor implements TakenFrame {
  address = 0;
  bodyAddress = 0;
  bodyBytes = 0;
  signalNumber = 0;
  slotBytes = 0;
  inOverflow = false;
  readonly #views: RingViews;
  readonly #overflow: OverflowViews;
  #offset = 0;

  constructor(views: RingViews, overflow: OverflowViews) {
    this.#views = views;
    this.#overflow = overflow;
  }

  /** A getter, so that a BigInt is allocated only if a visitor needs the time. */
  get receivedTimeNs(): bigint {
    return this.#views.headers.getBigUint64(this.#offset + frameField.receivedTime, true);
  }

  /**
   * Moves to the frame at an offset of the ring. The lane may read `readableBytes` from there on.
   */
  moveTo(offset: number, readableBytes: number): void {
    const { headers, address } = this.#views;
    invariant(readableBytes >= frameHeaderBytes, 'a published frame has a whole header');
    invariant(offset % frameAlignmentBytes === 0, 'a frame is aligned');
    invariant(offset + frameHeaderBytes <= headers.byteLength, 'a header does not straddle');
    const magic = headers.getUint32(offset + frameField.magic, true);
    invariant(magic === frameMagic, 'a published frame begins with its magic');
    this.#offset = offset;
    this.address = address + offset;
    this.bodyBytes = headers.getUint32(offset + frameField.bodyBytes, true);
    this.signalNumber = headers.getUint8(offset + frameField.signal);
    this.inOverflow = (headers.getUint8(offset + frameField.flags) & overflowFlag) !== 0;
    if (this.inOverflow) this.#findOverflowBody();
    else this.#findBody(readableBytes);
  }

  #findBody(readableBytes: number): void {
    this.slotBytes = frameBytes(this.bodyBytes);
    this.bodyAddress = this.address + frameHeaderBytes;
    invariant(this.slotBytes <= readableBytes, 'a published frame is whole');
    const end = this.#offset + this.slotBytes;
    invariant(end <= this.#views.headers.byteLength, 'a frame does not straddle');
  }

  #findOverflowBody(): void {
    this.slotBytes = frameHeaderBytes;
    this.bodyAddress = this.#overflow.address;
    invariant(this.bodyBytes <= this.#overflow.slot.length, 'an overflow body fits into its slot');
  }
}
