/** Stands between the receivers of a thread and its ring: bounds, order, and the results. */
import type { Clock } from '../shared/clock.ts';
import { invariant } from '../shared/invariant.ts';
import type { Outcome } from '../shared/outcome.ts';
import type { Signal } from '../shared/signal.ts';
import { discardChunks } from './body/chunk-memory.ts';

/**
 * The port to the ring: claims room, copies, returns. Only `published` is followed by a result. The
 * chunks are not kept and together have exactly `bodyBytes` bytes.
 */
export type Publish = (
  signal: Signal,
  receivedTimeNs: bigint,
  chunks: readonly Uint8Array[],
  bodyBytes: number,
) => 'published' | 'full' | 'too_large';

export interface IntakeOptions {
  readonly publish: Publish;
  readonly clock: Clock;
  /** Of all bodies that are being received or wait for room. */
  readonly inflightBytesMax: number;
}

/**
 * How long a body waits for room. A lane that has stopped to write a batch is back within some tens
 * of milliseconds; one that is longer away is overloaded, and then the sender's own queue, which
 * tries again later, is the better place to wait.
 */
export const waitMsMax = 250;

/** Bodies may be empty, so that their bytes alone do not bound how many wait. */
export const waitingCountMax = 8192;

interface Body {
  readonly signal: Signal;
  readonly receivedTimeNs: bigint;
  readonly chunks: readonly Uint8Array[];
  readonly bytes: number;
  /** By the clock that never goes back. */
  readonly deadlineMs: number;
  readonly settle: (outcome: Outcome) => void;
}

/** One for each receiver thread. Bodies are published in the order in which they were submitted. */
export class Intake {
  readonly #publish: Publish;
  readonly #clock: Clock;
  readonly #inflightBytesMax: number;
  #inflightBytes = 0;
  #closed = false;
  /** Without room so far; in order, so that the first has the earliest deadline. */
  readonly #waiting: Body[] = [];
  /** Published and not settled; the ring's results come in the same order. */
  readonly #published: Body['settle'][] = [];
  readonly #drained: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: IntakeOptions) {
    this.#publish = options.publish;
    this.#clock = options.clock;
    this.#inflightBytesMax = options.inflightBytesMax;
  }

  /** Bytes of bodies that are being received or wait for room. */
  get inflightBytes(): number {
    return this.#inflightBytes;
  }

  /** Counts bytes about to be held; false when that would be too many, and then counts nothing. */
  reserve(bytes: number): boolean {
    if (this.#inflightBytes + bytes > this.#inflightBytesMax) return false;
    this.#inflightBytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#inflightBytes -= bytes;
    invariant(this.#inflightBytes >= 0, 'only reserved bytes are released');
  }

  /**
   * Takes a whole body, whose bytes the caller has reserved: from here on the intake releases them.
   * An empty body takes the same way: it is a valid request without items.
   */
  submit(signal: Signal, chunks: readonly Uint8Array[], bodyBytes: number): Promise<Outcome> {
    return new Promise((settle) => {
      const receivedTimeNs = this.#clock.unixNs();
      const deadlineMs = this.#clock.monotonicMs() + waitMsMax;
      const body = { signal, receivedTimeNs, chunks, bytes: bodyBytes, deadlineMs, settle };
      if (this.#closed || this.#waiting.length >= waitingCountMax) {
        this.#refuse(body, 'unavailable');
      } else if (this.#waiting.length > 0 || !this.#tryPublish(body)) {
        this.#waiting.push(body);
        this.#armTimer();
      }
    });
  }

  /** The result of the published body whose turn it is. */
  settle(outcome: Outcome): void {
    const settle = this.#published.shift();
    invariant(settle !== undefined, 'only a published body is settled');
    settle(outcome);
    this.#notifyDrained();
  }

  /** There may be room again: publishes what waits, as far as it fits. */
  retry(): void {
    while (this.#waiting.length > 0 && this.#tryPublish(this.#waiting[0]!)) this.#waiting.shift();
    this.#notifyDrained();
  }

  /** Resolves once every submitted body has its outcome. */
  drain(): Promise<void> {
    return new Promise((resolve) => {
      this.#drained.push(resolve);
      this.#notifyDrained();
    });
  }

  /** From now on what is submitted is refused; what waits or is published still ends as it may. */
  close(): void {
    this.#closed = true;
  }

  /** False when the ring is full; any other answer ends the wait, and with it the reservation. */
  #tryPublish(body: Body): boolean {
    const answer = this.#publish(body.signal, body.receivedTimeNs, body.chunks, body.bytes);
    if (answer === 'full') return false;
    if (answer === 'too_large') this.#refuse(body, 'too_large');
    else {
      this.release(body.bytes);
      this.#published.push(body.settle);
      discardChunks(body.chunks);
    }
    return true;
  }

  #refuse(body: Body, outcome: Outcome): void {
    this.release(body.bytes);
    body.settle(outcome);
  }

  /** One timer serves all: nobody's deadline is before that of the first. */
  #armTimer(): void {
    const first = this.#waiting[0];
    if (first === undefined || this.#timer !== undefined) return;
    // A timer may fire up to a millisecond early by the clock; it is then set again, never for 0.
    const ms = Math.max(1, Math.ceil(first.deadlineMs - this.#clock.monotonicMs()));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#expire();
    }, ms);
  }

  #expire(): void {
    // This thread may have been too busy to hear of room that came in time.
    this.retry();
    const nowMs = this.#clock.monotonicMs();
    while (this.#waiting.length > 0 && this.#waiting[0]!.deadlineMs <= nowMs) {
      this.#refuse(this.#waiting.shift()!, 'unavailable');
    }
    this.#armTimer();
    this.#notifyDrained();
  }

  #notifyDrained(): void {
    if (this.#drained.length === 0 || this.#waiting.length + this.#published.length > 0) return;
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}
