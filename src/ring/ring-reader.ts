/** The lane's side of one ring: takes frames in order and in place, and later frees their space. */
import { frameBytes } from '../shared/frame.ts';
import { invariant } from '../shared/invariant.ts';
import {
  type LaneLayout,
  type OverflowViews,
  overflowFree,
  type RingViews,
  viewOverflow,
  viewRing,
  wrapMark,
} from './layout.ts';
import { FrameCursor, type TakenFrame } from './taken-frame.ts';

/** The limits of one `take`. A first frame with more than `bytesMax` bytes is taken alone. */
export interface TakeLimits {
  readonly bytesMax: number;
  readonly framesMax: number;
}

/** If it returns false, the frame stays in the ring and the `take` ends. */
export type FrameVisitor = (frame: TakenFrame) => unknown;

export class RingReader {
  readonly #ringIndex: number;
  readonly #views: RingViews;
  readonly #overflow: OverflowViews;
  readonly #frame: FrameCursor;
  /** Position after the last taken frame, modulo 2^32. The stored tail is the released position. */
  #position: number;
  #holdsOverflow = false;
  #framesTaken = 0;

  constructor(buffer: SharedArrayBuffer, layout: LaneLayout, ringIndex: number) {
    this.#ringIndex = ringIndex;
    this.#views = viewRing(buffer, layout, ringIndex);
    this.#overflow = viewOverflow(buffer, layout);
    this.#frame = new FrameCursor(this.#views, this.#overflow);
    this.#position = this.#views.tail[0]!;
  }

  /** Total number of frames taken, including the frame that is being visited. */
  get framesTaken(): number {
    return this.#framesTaken;
  }

  /** True if the ring has frames to take. */
  hasFrames(): boolean {
    // Sees the head of every frame published before this load in the order of atomics.
    return Atomics.load(this.#views.head, 0) !== this.#position;
  }

  /** Visits the available frames within the limits. Returns how many it visited. */
  take({ bytesMax, framesMax }: TakeLimits, visit: FrameVisitor): number {
    // Makes everything that the producer wrote before it stored this head visible to the lane.
    const head = Atomics.load(this.#views.head, 0);
    let frames = 0;
    let bytes = 0;
    while (frames < framesMax && this.#position !== head) {
      const start = this.#frameStart();
      this.#frame.moveTo(start & (this.#views.ring.length - 1), (head - start) | 0);
      bytes += frameBytes(this.#frame.bodyBytes);
      if (frames > 0 && bytes > bytesMax) break;
      const before = this.#position;
      this.#advance(start);
      if (visit(this.#frame) === false) {
        this.#stepBack(before);
        break;
      }
      frames += 1;
    }
    return frames;
  }

  /** Frees the space of all taken frames, and the overflow slot if one of them used it. */
  release(): void {
    // Allows the producer to overwrite the frames: the lane has finished reading them.
    Atomics.store(this.#views.tail, 0, this.#position);
    if (!this.#holdsOverflow) return;
    this.#holdsOverflow = false;
    // Allows any producer to claim the slot and overwrite the body in it.
    Atomics.store(this.#overflow.owner, 0, overflowFree);
  }

  /** Returns the position of the next frame, which may lie behind a wrap mark. */
  #frameStart(): number {
    const { headers } = this.#views;
    const offset = this.#position & (headers.byteLength - 1);
    if (headers.getUint32(offset, true) !== wrapMark) return this.#position;
    return (this.#position + headers.byteLength - offset) | 0;
  }

  /** Moves past the frame before the visit, because the visitor may push the frame's result. */
  #advance(start: number): void {
    this.#position = (start + this.#frame.slotBytes) | 0;
    this.#framesTaken += 1;
    if (!this.#frame.inOverflow) return;
    // Reads the value that the producer stored before it published the frame.
    const owner = Atomics.load(this.#overflow.owner, 0);
    invariant(owner === this.#ringIndex + 1, "the overflow slot is this ring's");
    this.#holdsOverflow = true;
  }
  /** Keeps the frame that was just visited in the ring, so that it will be visited again. */
  #stepBack(position: number): void {
    this.#position = position;
    this.#framesTaken -= 1;
    if (this.#frame.inOverflow) this.#holdsOverflow = false;
  }
}
