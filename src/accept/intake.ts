/**
 * The intake of a receiver thread: bounds the bodies in memory, publishes them to the ring in
 * order, and passes results back to the requests.
 */
import type { Clock } from '../shared/clock.ts';
import { invariant } from '../shared/invariant.ts';
import type { Outcome } from '../shared/outcome.ts';
import type { Signal } from '../shared/signal.ts';
import { discardChunks } from './body/chunk-memory.ts';

/**
 * The port to the ring: claims room, copies the chunks and returns at once. The chunks have exactly
 * `bodyBytes` bytes together and belong to the caller again afterwards. A result follows only after
 * `published`.
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
  /** Limit for all bodies together that are being received or wait for room, in bytes. */
  readonly inflightBytesMax: number;
}

/**
 * How long a body waits for room. A lane that writes a batch goes on within some tens of
 * milliseconds. If it takes longer, the lane is overloaded, and the sender's own queue, which tries
 * again later, is the better place to wait.
 */
export const waitMsMax = 250;

/**
 * How long a published body waits for its result. A lane answers within some hundreds of
 * milliseconds, and within seconds on a slow disk. After this time the disk hangs, and the sender
 * gets the retryable refusal. The lane may still record the request when the disk goes on. Then a
 * sender that tries again has recorded it twice.
 */
export const resultWaitMsMax = 10_000;

/** Bodies may be empty, so the limit in bytes does not limit how many wait. */
export const waitingCountMax = 8192;

interface PublishedBody {
  /** On the monotonic clock, in milliseconds. */
  readonly deadlineMs: number;
  readonly settle: (outcome: Outcome) => void;
}

interface Body {
  readonly signal: Signal;
  readonly receivedTimeNs: bigint;
  readonly chunks: readonly Uint8Array[];
  readonly bytes: number;
  /** On the monotonic clock, in milliseconds. */
  readonly deadlineMs: number;
  readonly settle: (outcome: Outcome) => void;
}

/** Each receiver thread has one. Bodies are published in the order in which they were submitted. */
export class Intake {
  readonly #publish: Publish;
  readonly #clock: Clock;
  readonly #inflightBytesMax: number;
  #inflightBytes = 0;
  #closed = false;
  /** Bodies that found no room yet, in order: the first has the earliest deadline. */
  readonly #waiting: Body[] = [];
  /** Bodies that were published and have no result; the results of the ring come in this order. */
  readonly #published: PublishedBody[] = [];
  /** Number of published bodies that were refused before their result came: the oldest ones. */
  #overdueCount = 0;
  readonly #drained: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #resultTimer: NodeJS.Timeout | undefined;

  constructor(options: IntakeOptions) {
    this.#publish = options.publish;
    this.#clock = options.clock;
    this.#inflightBytesMax = options.inflightBytesMax;
  }

  /** Bytes of bodies that are being received or wait for room. */
  get inflightBytes(): number {
    return this.#inflightBytes;
  }

  /** Counts bytes that the caller will hold. False if there is no room: nothing is counted. */
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
   * Takes a whole body, for which the caller has reserved `bodyBytes`. From here on the intake owns
   * the chunks and releases the bytes. An empty body is a valid request without items.
   */
  submit(signal: Signal, chunks: readonly Uint8Array[], bodyBytes: number): Promise<Outcome> {
    return new Promise((settle) => {
      const receivedTimeNs = this.#clock.unixNs();
      const deadlineMs = this.#clock.monotonicMs() + waitMsMax;
      const body = { signal, receivedTimeNs, chunks, bytes: bodyBytes, deadlineMs, settle };
      if (this.#closed || this.#isOverdue || this.#waiting.length >= waitingCountMax) {
        this.#refuse(body, 'unavailable');
      } else if (this.#waiting.length > 0 || !this.#tryPublish(body)) {
        this.#waiting.push(body);
        this.#armTimer();
      }
    });
  }

  /** Passes on the result of the oldest published body that has none. */
  settle(outcome: Outcome): void {
    const body = this.#published.shift();
    invariant(body !== undefined, 'only a published body is settled');
    if (this.#overdueCount > 0) this.#overdueCount -= 1;
    else body.settle(outcome);
    this.#notifyDrained();
  }

  /** To be called when the ring may have room again: publishes bodies that wait while they fit. */
  retry(): void {
    while (this.#waiting.length > 0 && this.#tryPublish(this.#waiting[0]!)) this.#waiting.shift();
    this.#notifyDrained();
  }

  /** Resolves once every submitted body has its outcome, `resultWaitMsMax` after it at most. */
  drain(): Promise<void> {
    return new Promise((resolve) => {
      this.#drained.push(resolve);
      this.#notifyDrained();
    });
  }

  /** Refuses all later submissions; bodies that wait or are published still get their result. */
  close(): void {
    this.#closed = true;
  }

  /** False if the ring is full. Any other answer ends the wait and releases the reservation. */
  #tryPublish(body: Body): boolean {
    const answer = this.#publish(body.signal, body.receivedTimeNs, body.chunks, body.bytes);
    if (answer === 'full') return false;
    if (answer === 'too_large') this.#refuse(body, 'too_large');
    else {
      this.release(body.bytes);
      const deadlineMs = this.#clock.monotonicMs() + resultWaitMsMax;
      this.#published.push({ deadlineMs, settle: body.settle });
      this.#armResultTimer();
      discardChunks(body.chunks);
    }
    return true;
  }

  #refuse(body: Body, outcome: Outcome): void {
    this.release(body.bytes);
    body.settle(outcome);
  }

  /** One timer is enough, because no deadline is earlier than that of the first body. */
  #armTimer(): void {
    const first = this.#waiting[0];
    if (first === undefined || this.#timer !== undefined) return;
    // A timer may fire up to a millisecond early. It is then set again, for at least 1 ms.
    const ms = Math.max(1, Math.ceil(first.deadlineMs - this.#clock.monotonicMs()));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#expire();
    }, ms);
  }

  #expire(): void {
    // This thread may have been too busy to notice in time that there is room.
    this.retry();
    const nowMs = this.#clock.monotonicMs();
    while (this.#waiting.length > 0 && this.#waiting[0]!.deadlineMs <= nowMs) {
      this.#refuse(this.#waiting.shift()!, 'unavailable');
    }
    this.#armTimer();
    this.#notifyDrained();
  }

  /** True if the lane has answered nothing for too long: more bodies would only wait there. */
  get #isOverdue(): boolean {
    return this.#overdueCount > 0;
  }

  /** One timer is enough, because results come in the order of publication. */
  #armResultTimer(): void {
    const oldest = this.#published[this.#overdueCount];
    if (oldest === undefined || this.#resultTimer !== undefined) return;
    const ms = Math.max(1, Math.ceil(oldest.deadlineMs - this.#clock.monotonicMs()));
    this.#resultTimer = setTimeout(() => {
      this.#resultTimer = undefined;
      this.#refuseOverdue();
    }, ms).unref();
  }

  #refuseOverdue(): void {
    const nowMs = this.#clock.monotonicMs();
    for (;;) {
      const oldest = this.#published[this.#overdueCount];
      if (oldest === undefined || oldest.deadlineMs > nowMs) break;
      this.#overdueCount += 1;
      oldest.settle('unavailable');
    }
    this.#armResultTimer();
    this.#notifyDrained();
  }

  #notifyDrained(): void {
    const unsettled = this.#waiting.length + this.#published.length - this.#overdueCount;
    if (this.#drained.length === 0 || unsettled > 0) return;
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}
