/**
 * Where everything lies in shared memory; the only file that knows an offset into it.
 *
 * The region of a lane, from `base` on. Every word (u32) has a line of its own.
 *
 *     ┌──────────┬─────────┬──────────┬───────────────┬───────┐
 *     │ doorbell │ control │ overflow │ overflow slot │ slack │   once
 *     │          │         │ owner    │               │       │
 *     ├──────┬───┴──┬──────┴──┬───────┴──────┬────────┴──┬────┴──┐
 *     │ head │ tail │ results │ result slots │ ring      │ slack │   for each producer
 *     │      │      │ count   │ 8,192 x u8   │ 2^n bytes │       │
 *     └──────┴──────┴─────────┴──────────────┴───────────┴───────┘
 *
 * 1. Head is written by the producer alone; tail, results count and result slots by the lane alone.
 * 2. Head and tail count bytes modulo 2^32 in multiples of 8; position modulo ring bytes is the
 *    offset in the ring, and 0 <= head - tail <= ring bytes always.
 * 3. From tail to head the ring is the lane's, the rest is the producer's.
 * 4. A frame never straddles the ring's end: a wrap mark in place of its magic skips the rest.
 * 5. A producer has at most as many frames without a taken result as there are result slots, so a
 *    slot is never written before the result in it was taken.
 * 6. The overflow slot belongs to the producer whose ring index + 1 stands in overflow owner, and
 *    from the store of its head on to the lane, which frees it by storing 0.
 * 7. Behind the overflow slot and each ring lie at least 16 bytes that nobody uses, so that a
 *    16-byte load at the last byte of a frame stays within the region.
 *
 * The tallies have a buffer of their own: one line for each lane and signal.
 *
 *     ┌──────────┬──────────────┬──────────────┐
 *     │ sequence │ copy 0       │ copy 1       │   a count is two words, the low one first
 *     │ u32, pad │ 7 x 2 x u32  │ 7 x 2 x u32  │
 *     └──────────┴──────────────┴──────────────┘
 *
 * 8. The copy that readers use is the one at sequence modulo 2; the writer changes only the other.
 */
import { frameAlignmentBytes } from '../shared/frame.ts';
import { invariant } from '../shared/invariant.ts';

/** Two cache lines of 64 bytes, which processors fetch as a pair: words here never share one. */
const lineBytes = 128;

/** More frames than this are never in flight; a power of two, so that a mask finds the slot. */
export const resultSlotCount = 8192;

/** "AFRW", read as a little-endian u32: stands where the next frame's magic would. */
export const wrapMark = 0x57524641;

/** In the header's flags, within the ring only: the body lies in the overflow slot. */
export const overflowFlag = 0x80;

/** What overflow owner holds while the slot is free; else it is the ring's index + 1. */
export const overflowFree = 0;

/** The smallest ring in which a frame without a body fits into half of it. */
const ringBytesMin = 128;

/** Keeps head - tail a positive 32-bit integer. */
const ringBytesMax = 2 ** 30;

/** The whole of a 32-bit WebAssembly memory. */
const memoryBytesMax = 2 ** 32;

/** As many counts of two words as fit twice behind the sequence number in a line. */
export const tallyCountMax = 7;

const sequenceBytes = 8;
const tallyCopyBytes = tallyCountMax * 8;
invariant(sequenceBytes + 2 * tallyCopyBytes <= lineBytes, 'a tally fits into its line');

export interface LayoutOptions {
  /** Where the region starts in the lane's memory; a multiple of 8. */
  readonly base: number;
  readonly ringCount: number;
  /** A power of two. A frame of more than half goes by the overflow slot. */
  readonly ringBytes: number;
  /** The largest body. */
  readonly overflowBytes: number;
  /** Where head, tail and results count start; tests put it just before 2^32. */
  readonly initialPosition?: number;
}

/** A plain object, so that it can be sent to other threads. */
export interface LaneLayout extends Required<LayoutOptions> {
  readonly bytes: number;
}

/** Bytes that the lane must reserve for its region. */
export function layoutBytes(options: Omit<LayoutOptions, 'base'>): number {
  return ringsOffset(options.overflowBytes) + options.ringCount * ringStride(options.ringBytes);
}

export function planLayout(options: LayoutOptions): LaneLayout {
  const { base, ringCount, ringBytes, overflowBytes, initialPosition = 0 } = options;
  const bytes = layoutBytes(options);
  invariant(base >= 0 && base % frameAlignmentBytes === 0, 'base is aligned to frames');
  invariant(ringCount >= 1, 'a lane has a ring');
  invariant((ringBytes & (ringBytes - 1)) === 0, 'ring bytes are a power of two');
  invariant(ringBytes >= ringBytesMin && ringBytes <= ringBytesMax, 'ring bytes are in bounds');
  invariant(overflowBytes >= 0, 'overflow bytes are not negative');
  invariant(base + bytes <= memoryBytesMax, 'the region lies within a WebAssembly memory');
  invariant(initialPosition % frameAlignmentBytes === 0, 'positions are aligned to frames');
  return { base, ringCount, ringBytes, overflowBytes, initialPosition, bytes };
}

/** Sets every word to its start; the lane does so once, before another thread gets the layout. */
export function initialiseLane(buffer: SharedArrayBuffer, layout: LaneLayout): void {
  const { doorbell, control } = viewBell(buffer, layout);
  const { owner } = viewOverflow(buffer, layout);
  for (const word of [doorbell, control, owner]) word[0] = 0;
  for (let ringIndex = 0; ringIndex < layout.ringCount; ringIndex += 1) {
    const { head, tail, resultCount } = viewRing(buffer, layout, ringIndex);
    for (const word of [head, tail, resultCount]) word[0] = layout.initialPosition;
  }
}

/** Typed arrays of one element: the words that wake a lane. */
export interface BellViews {
  readonly doorbell: Int32Array;
  readonly control: Int32Array;
}

export function viewBell(buffer: SharedArrayBuffer, { base }: LaneLayout): BellViews {
  return { doorbell: viewWord(buffer, base), control: viewWord(buffer, base + lineBytes) };
}

export interface OverflowViews {
  readonly owner: Int32Array;
  readonly slot: Buffer;
  /** Of the slot, in the lane's memory. */
  readonly address: number;
}

export function viewOverflow(buffer: SharedArrayBuffer, layout: LaneLayout): OverflowViews {
  const address = layout.base + 3 * lineBytes;
  return {
    owner: viewWord(buffer, layout.base + 2 * lineBytes),
    slot: Buffer.from(buffer, address, overflowSlotBytes(layout.overflowBytes)),
    address,
  };
}

export interface RingViews {
  readonly head: Int32Array;
  readonly tail: Int32Array;
  readonly resultCount: Int32Array;
  readonly resultSlots: Uint8Array;
  readonly ring: Buffer;
  /** The ring's bytes again, for the numbers in frame headers. */
  readonly headers: DataView;
  /** Of the ring, in the lane's memory. */
  readonly address: number;
}

export function viewRing(
  buffer: SharedArrayBuffer,
  layout: LaneLayout,
  ringIndex: number,
): RingViews {
  const { base, ringCount, ringBytes, overflowBytes } = layout;
  invariant(ringIndex >= 0 && ringIndex < ringCount, 'the ring is one of the layout');
  const start = base + ringsOffset(overflowBytes) + ringIndex * ringStride(ringBytes);
  const slots = start + 3 * lineBytes;
  const address = slots + resultSlotCount;
  return {
    head: viewWord(buffer, start),
    tail: viewWord(buffer, start + lineBytes),
    resultCount: viewWord(buffer, start + 2 * lineBytes),
    resultSlots: new Uint8Array(buffer, slots, resultSlotCount),
    ring: Buffer.from(buffer, address, ringBytes),
    headers: new DataView(buffer, address, ringBytes),
    address,
  };
}

/** The whole region and nothing behind it: what growth adds to the memory is not in it. */
export function viewRegion(buffer: SharedArrayBuffer, layout: LaneLayout): DataView {
  return new DataView(buffer, layout.base, layout.bytes);
}

/** Bytes of a tallies' buffer for so many lanes and signals. */
export function tallyBytes(tallyCount: number): number {
  return tallyCount * lineBytes;
}

/** How many tallies lie in a buffer of so many bytes. */
export function tallyCount(bytes: number): number {
  return bytes / lineBytes;
}

export interface TallyViews {
  readonly sequence: Int32Array;
  /** Each with a low and a high word for every count. */
  readonly copies: readonly [Int32Array, Int32Array];
}

export function viewTally(buffer: SharedArrayBuffer, tallyIndex: number): TallyViews {
  const start = tallyIndex * lineBytes;
  const first = start + sequenceBytes;
  return {
    sequence: viewWord(buffer, start),
    copies: [
      new Int32Array(buffer, first, tallyCountMax * 2),
      new Int32Array(buffer, first + tallyCopyBytes, tallyCountMax * 2),
    ],
  };
}

function viewWord(buffer: SharedArrayBuffer, address: number): Int32Array {
  return new Int32Array(buffer, address, 1);
}

/** With room for the zeros that pad a body. */
function overflowSlotBytes(overflowBytes: number): number {
  return Math.ceil(overflowBytes / frameAlignmentBytes) * frameAlignmentBytes;
}

/** From base to the first ring: three words, the overflow slot and its slack. */
function ringsOffset(overflowBytes: number): number {
  return 3 * lineBytes + withSlack(overflowSlotBytes(overflowBytes));
}

/** From one ring's head to the next one's. */
function ringStride(ringBytes: number): number {
  return 3 * lineBytes + resultSlotCount + withSlack(ringBytes);
}

/** Up to a whole number of lines, with at least the 16 bytes of one SIMD load to spare. */
function withSlack(bytes: number): number {
  return Math.ceil((bytes + 16) / lineBytes) * lineBytes;
}
