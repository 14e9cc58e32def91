/**
 * The layout of shared memory. Only this file knows offsets into it.
 *
 * The region of a lane starts at `base`. Every word (u32) has a line of its own.
 *
 *     ┌──────────┬─────────┬──────────┬───────────────┬───────┐
 *     │ doorbell │ control │ overflow │ overflow slot │ slack │   once
 *     │          │         │ owner    │               │       │
 *     ├──────┬───┴──┬──────┴──┬───────┴──────┬────────┴──┬────┴──┐
 *     │ head │ tail │ results │ result slots │ ring      │ slack │   for each producer
 *     │      │      │ count   │ 8,192 x u8   │ 2^n bytes │       │
 *     └──────┴──────┴─────────┴──────────────┴───────────┴───────┘
 *
 * 1. Only the producer writes head. Only the lane writes tail, results count and result slots.
 * 2. Head and tail count bytes modulo 2^32 in multiples of 8. A position modulo ring bytes is the
 *    offset in the ring. Always 0 <= head - tail <= ring bytes.
 * 3. The bytes from tail to head belong to the lane, all others to the producer.
 * 4. A frame never crosses the end of the ring: a wrap mark in place of its magic skips the rest.
 * 5. A producer has at most as many frames without a taken result as there are result slots. So a
 *    slot is never overwritten before its result was taken.
 * 6. The overflow slot belongs to the producer whose ring index + 1 is in overflow owner. When that
 *    producer stores its head, the slot passes to the lane, which frees it by storing 0.
 * 7. At least 16 unused bytes follow the overflow slot and each ring, so that a 16-byte load at the
 *    last byte of a frame stays within the region.
 *
 * The tallies have a buffer of their own, with one line for each lane and signal.
 *
 *     ┌──────────┬──────────────┬──────────────┐
 *     │ sequence │ copy 0       │ copy 1       │   a count is two words, the low one first
 *     │ u32, pad │ 7 x 2 x u32  │ 7 x 2 x u32  │
 *     └──────────┴──────────────┴──────────────┘
 *
 * 8. Readers use copy number sequence modulo 2. The writer changes only the other copy.
 *
 * The heartbeats have a buffer of their own: two lines for each thread.
 *
 *     ┌────────────┬────────────┬────────────────┐
 *     │ beat count │ text bytes │ text, UTF-8    │
 *     │ u32        │ u32        │ 248 x u8       │
 *     └────────────┴────────────┴────────────────┘
 *
 * 9. The thread writes the text before it adds to the count. A reader uses the text only of a
 *    thread whose count stands still, so it never meets a text that is being written.
 */
import { frameAlignmentBytes } from '../shared/frame.ts';
import { invariant } from '../shared/invariant.ts';

/**
 * Two cache lines of 64 bytes. Processors fetch such a pair together, so no two words share one.
 */
const lineBytes = 128;

/** The most frames in flight. It is a power of two, so a mask finds the slot. */
export const resultSlotCount = 8192;

/** An outcome, and what more is known of a malformed request (shared/outcome.ts). */
const resultSlotBytes = 2;

/** "AFRW", read as a little-endian u32. It stands in place of the next frame's magic. */
export const wrapMark = 0x57524641;

/** A flag of the header that exists only in the ring: the body lies in the overflow slot. */
export const overflowFlag = 0x80;

/** The value of overflow owner while the slot is free. Otherwise it is the ring's index + 1. */
export const overflowFree = 0;

/** Size of the smallest ring in which a frame without a body fits into half of the ring. */
const ringBytesMin = 128;

/** Keeps head - tail a positive 32-bit integer. */
const ringBytesMax = 2 ** 30;

/** Size of a full 32-bit WebAssembly memory. */
const memoryBytesMax = 2 ** 32;

/** A line holds the sequence number and two copies of this many counts, each of two words. */
export const tallyCountMax = 7;

/** Room for the name of a system call and the path of its file below the output directory. */
const heartbeatBytes = 2 * lineBytes;

const sequenceBytes = 8;
const tallyCopyBytes = tallyCountMax * 8;
invariant(sequenceBytes + 2 * tallyCopyBytes <= lineBytes, 'a tally fits into its line');

export interface LayoutOptions {
  /** Offset of the region in the lane's memory, a multiple of 8. */
  readonly base: number;
  readonly ringCount: number;
  /** A power of two. A frame that takes more than half of the ring uses the overflow slot. */
  readonly ringBytes: number;
  /** Size of the largest body. */
  readonly overflowBytes: number;
  /** Start value of head, tail and results count. Tests set it just below 2^32. */
  readonly initialPosition?: number;
}

/** A plain object, so that it can be sent to other threads. */
export interface LaneLayout extends Required<LayoutOptions> {
  readonly bytes: number;
}

/** Returns the number of bytes that the lane must reserve for its region. */
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

/**
 * Sets every word to its start value. The lane calls it once, before any other thread gets the
 * layout.
 */
export function initialiseLane(buffer: SharedArrayBuffer, layout: LaneLayout): void {
  const { doorbell, control } = viewBell(buffer, layout);
  const { owner } = viewOverflow(buffer, layout);
  for (const word of [doorbell, control, owner]) word[0] = 0;
  for (let ringIndex = 0; ringIndex < layout.ringCount; ringIndex += 1) {
    const { head, tail, resultCount } = viewRing(buffer, layout, ringIndex);
    for (const word of [head, tail, resultCount]) word[0] = layout.initialPosition;
  }
}

/** The words that wake a lane, as typed arrays of one element. */
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
  /** Address of the slot in the lane's memory. */
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
  readonly resultSlots: Uint16Array;
  readonly ring: Buffer;
  /** A second view of the ring's bytes, for the numbers in frame headers. */
  readonly headers: DataView;
  /** Address of the ring in the lane's memory. */
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
  const address = slots + resultSlotCount * resultSlotBytes;
  return {
    head: viewWord(buffer, start),
    tail: viewWord(buffer, start + lineBytes),
    resultCount: viewWord(buffer, start + 2 * lineBytes),
    resultSlots: new Uint16Array(buffer, slots, resultSlotCount),
    ring: Buffer.from(buffer, address, ringBytes),
    headers: new DataView(buffer, address, ringBytes),
    address,
  };
}

/** Returns a view of the region only. Bytes that the memory gains when it grows are outside it. */
export function viewRegion(buffer: SharedArrayBuffer, layout: LaneLayout): DataView {
  return new DataView(buffer, layout.base, layout.bytes);
}

/** Returns the size of the buffer that holds this many tallies. */
export function tallyBytes(tallyCount: number): number {
  return tallyCount * lineBytes;
}

/** Returns the number of tallies in a buffer of this size. */
export function tallyCount(bytes: number): number {
  return bytes / lineBytes;
}

export interface TallyViews {
  readonly sequence: Int32Array;
  /** Two copies. Each has a low and a high word for every count. */
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

/** Bytes of the heartbeats' buffer for this many threads. */
export function heartbeatsBytes(threadCount: number): number {
  return threadCount * heartbeatBytes;
}

export interface HeartbeatViews {
  readonly count: Int32Array;
  readonly textBytes: Int32Array;
  readonly text: Buffer;
}

export function viewHeartbeat(buffer: SharedArrayBuffer, threadIndex: number): HeartbeatViews {
  const start = threadIndex * heartbeatBytes;
  return {
    count: viewWord(buffer, start),
    textBytes: viewWord(buffer, start + 4),
    text: Buffer.from(buffer, start + 8, heartbeatBytes - 8),
  };
}

function viewWord(buffer: SharedArrayBuffer, address: number): Int32Array {
  return new Int32Array(buffer, address, 1);
}

/** Includes the zeros that pad a body. */
function overflowSlotBytes(overflowBytes: number): number {
  return Math.ceil(overflowBytes / frameAlignmentBytes) * frameAlignmentBytes;
}

/** Returns the bytes from base to the first ring: three words, the overflow slot and its slack. */
function ringsOffset(overflowBytes: number): number {
  return 3 * lineBytes + withSlack(overflowSlotBytes(overflowBytes));
}

/** Returns the bytes from the head of one ring to the head of the next. */
function ringStride(ringBytes: number): number {
  return 3 * lineBytes + resultSlotCount * resultSlotBytes + withSlack(ringBytes);
}

/**
 * Rounds up to a whole number of lines and leaves at least the 16 bytes of one SIMD load unused.
 */
function withSlack(bytes: number): number {
  return Math.ceil((bytes + 16) / lineBytes) * lineBytes;
}
