/** A model of rings, overflow slot and results, built from plain arrays and unbounded numbers. */
import { resultSlotCount } from '../../src/ring/layout.ts';
import { FULL, TOO_LARGE } from '../../src/ring/producer.ts';
import { frameBytes, frameHeaderBytes } from '../../src/shared/frame.ts';

export interface ModelFrame {
  readonly signalNumber: number;
  readonly receivedTimeNs: bigint;
  readonly body: Buffer;
  readonly inOverflow: boolean;
  /** Position in the ring where the frame ends. */
  readonly end: number;
}

interface ModelRing {
  head: number;
  tail: number;
  published: number;
  inFlight: number;
  readonly waiting: ModelFrame[];
  readonly taken: ModelFrame[];
  unanswered: number;
  readonly pushed: number[];
  readonly flushed: number[];
}

export class RingModel {
  readonly #ringBytes: number;
  readonly #overflowBytes: number;
  readonly #rings: readonly ModelRing[];
  #overflowTaken = false;

  constructor(options: { ringCount: number; ringBytes: number; overflowBytes: number }) {
    this.#ringBytes = options.ringBytes;
    this.#overflowBytes = options.overflowBytes;
    this.#rings = Array.from({ length: options.ringCount }, () => ({
      ...{ head: 0, tail: 0, published: 0, inFlight: 0, unanswered: 0 },
      ...{ waiting: [], taken: [], pushed: [], flushed: [] },
    }));
  }

  publish(ringIndex: number, signalNumber: number, receivedTimeNs: bigint, body: Buffer): number {
    const ring = this.#rings[ringIndex]!;
    const wholeBytes = frameBytes(body.length);
    const inOverflow = wholeBytes > this.#ringBytes / 2;
    const slotBytes = inOverflow ? frameHeaderBytes : wholeBytes;
    const restBytes = this.#ringBytes - (ring.head % this.#ringBytes);
    const end = ring.head + slotBytes + (slotBytes > restBytes ? restBytes : 0);
    if (body.length > this.#overflowBytes) return TOO_LARGE;
    if (ring.inFlight === resultSlotCount) return FULL;
    if (end - ring.tail > this.#ringBytes) return FULL;
    if (inOverflow && this.#overflowTaken) return FULL;
    this.#overflowTaken ||= inOverflow;
    ring.head = end;
    ring.inFlight += 1;
    ring.waiting.push({ signalNumber, receivedTimeNs, body, inOverflow, end });
    ring.published += 1;
    return ring.published - 1;
  }

  take(ringIndex: number, bytesMax: number, framesMax: number): ModelFrame[] {
    const ring = this.#rings[ringIndex]!;
    let bytes = 0;
    const fitting = ring.waiting.findIndex(({ body }, index) => {
      bytes += frameBytes(body.length);
      return index >= framesMax || (index > 0 && bytes > bytesMax);
    });
    const frames = ring.waiting.splice(0, fitting < 0 ? ring.waiting.length : fitting);
    ring.taken.push(...frames);
    ring.unanswered += frames.length;
    return frames;
  }

  release(ringIndex: number): void {
    const ring = this.#rings[ringIndex]!;
    const last = ring.taken.at(-1);
    if (last === undefined) return;
    ring.tail = last.end;
    if (ring.taken.some(({ inOverflow }) => inOverflow)) this.#overflowTaken = false;
    ring.taken.length = 0;
  }

  unanswered(ringIndex: number): number {
    return this.#rings[ringIndex]!.unanswered;
  }

  pushResult(ringIndex: number, outcomeNumber: number): void {
    const ring = this.#rings[ringIndex]!;
    ring.unanswered -= 1;
    ring.pushed.push(outcomeNumber);
  }

  flushResults(): void {
    for (const { pushed, flushed } of this.#rings) flushed.push(...pushed.splice(0));
  }

  takeResults(ringIndex: number): number[] {
    const ring = this.#rings[ringIndex]!;
    const results = ring.flushed.splice(0);
    ring.inFlight -= results.length;
    return results;
  }
}
