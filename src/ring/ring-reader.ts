/** The lane's end of one ring: takes frames in order, in place, until it gives their room back. */
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

/** Of one `take`: a frame that alone has more bytes is still taken, alone. */
export interface TakeLimits {
  readonly bytesMax: number;
  readonly framesMax: number;
}

/** False leaves the frame where it is, and ends the `take`. */
export type FrameVisitor = (frame: TakenFrame) => unknown;

export class RingReader {
  readonly #ringIndex: number;
  readonly #views: RingViews;
  readonly #overflow: OverflowViews;
  readonly #frame: FrameCursor;
  /** Taken through here; the stored tail is how far it was released. Modulo 2^32. */
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

  /** All of them, the one that is being visited included. */
  get framesTaken(): number {
    return this.#framesTaken;
  }

  /** Whether there are frames to take. */
  hasFrames(): boolean {
    // Sees the head of every frame published before this in the order of atomics.
    return Atomics.load(this.#views.head, 0) !== this.#position;
  }

  /** Visits the frames that are there, within limits; returns how many they were. */
  take({ bytesMax, framesMax }: TakeLimits, visit: FrameVisitor): number {
    // Shows the lane all that the producer wrote before it stored this head.
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

  /** Gives back the room of all frames taken, and the overflow slot if one of them was in it. */
  release(): void {
    // Lets the producer write over the frames: the lane has read what it needed of them.
    Atomics.store(this.#views.tail, 0, this.#position);
    if (!this.#holdsOverflow) return;
    this.#holdsOverflow = false;
    // Lets any producer take the slot and write over the body in it.
    Atomics.store(this.#overflow.owner, 0, overflowFree);
  }

  /** The next frame's position: here, or behind the wrap mark that stands here. */
  #frameStart(): number {
    const { headers } = this.#views;
    const offset = this.#position & (headers.byteLength - 1);
    if (headers.getUint32(offset, true) !== wrapMark) return this.#position;
    return (this.#position + headers.byteLength - offset) | 0;
  }

  /** Past the frame, before it is visited: its result may be pushed by the visitor. */
  #advance(start: number): void {
    this.#position = (start + this.#frame.slotBytes) | 0;
    this.#framesTaken += 1;
    if (!this.#frame.inOverflow) return;
    // Reads back what the producer put there before it published the frame.
    const owner = Atomics.load(this.#overflow.owner, 0);
    invariant(owner === this.#ringIndex + 1, "the overflow slot is this ring's");
    this.#holdsOverflow = true;
  }
  /** The frame that was just visited stays in the ring, to be visited again. */
  #stepBack(position: number): void {
    this.#position = position;
    this.#framesTaken -= 1;
    if (this.#frame.inOverflow) this.#holdsOverflow = false;
  }
}
