/**
 * The results channel: carries the outcome of each frame, in order, from the lane to its producer.
 */
import { invariant } from '../shared/invariant.ts';
import { type LaneLayout, resultSlotCount, viewRing } from './layout.ts';

const slotMask = resultSlotCount - 1;

/** The lane's side. */
export class ResultWriter {
  readonly #count: Int32Array;
  readonly #slots: Uint16Array;
  /**
   * Number of results in the slots, modulo 2^32. Those after the stored count are not visible yet.
   */
  #pushed: number;
  #flushed: number;

  constructor(buffer: SharedArrayBuffer, layout: LaneLayout, ringIndex: number) {
    const { resultCount, resultSlots } = viewRing(buffer, layout, ringIndex);
    this.#count = resultCount;
    this.#slots = resultSlots;
    this.#pushed = resultCount[0]!;
    this.#flushed = this.#pushed;
  }

  /**
   * Stores the result of the producer's next frame in order. The producer sees it after `flush`.
   */
  push(outcomeNumber: number): void {
    invariant(outcomeNumber >= 0 && outcomeNumber <= 0xffff, 'an outcome fits into its slot');
    this.#slots[this.#pushed & slotMask] = outcomeNumber;
    this.#pushed = (this.#pushed + 1) | 0;
  }

  flush(): void {
    if (this.#pushed === this.#flushed) return;
    // Makes the slots written before it visible to the producer, and the tail stored before it.
    Atomics.store(this.#count, 0, this.#pushed);
    // Wakes the producer if it waits in `ready`. The count is stored already, so the producer sees
    // it.
    Atomics.notify(this.#count, 0);
    this.#flushed = this.#pushed;
  }
}

/** The producer's side. */
export class ResultReader {
  readonly #count: Int32Array;
  readonly #slots: Uint16Array;
  /** Number of results taken, modulo 2^32. */
  #taken: number;
  /** The count for which an Atomics.waitAsync is pending. Each count needs only one. */
  #waitsAt: number | undefined;
  /** Resolves the last promise that `ready` returned. */
  #wake: (() => void) | undefined;

  constructor(buffer: SharedArrayBuffer, layout: LaneLayout, ringIndex: number) {
    const { resultCount, resultSlots } = viewRing(buffer, layout, ringIndex);
    this.#count = resultCount;
    this.#slots = resultSlots;
    this.#taken = resultCount[0]!;
  }

  /** Visits the available results in the order of the frames. Returns how many it visited. */
  take(visit: (outcomeNumber: number) => void): number {
    // Makes the slots that the lane wrote before it stored the count visible to this thread.
    const available = Atomics.load(this.#count, 0);
    let count = 0;
    // The comparison is not `!==`: a visitor that itself takes results may have passed `available`.
    while (((available - this.#taken) | 0) > 0) {
      const outcomeNumber = this.#slots[this.#taken & slotMask]!;
      this.#taken = (this.#taken + 1) | 0;
      count += 1;
      visit(outcomeNumber);
    }
    return count;
  }

  /**
   * Resolves when a result can be taken, or after `capMs` at the latest. In both cases look again,
   * because a wake can be missed. Call it only after the last promise has resolved. Its timer keeps
   * the event loop alive; Atomics.waitAsync alone does not.
   */
  ready(capMs: number): Promise<void> {
    // Sees each count that the lane stored before this load. A later count ends the wait below.
    if (Atomics.load(this.#count, 0) !== this.#taken) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, capMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#awaitCount();
    });
  }

  /** Waits without a timeout: the platform would keep the timer long after the wake. */
  #awaitCount(): void {
    if (this.#waitsAt === this.#taken) return;
    // Compares the count and starts to wait in one step. So the wait does not miss a count that was
    // stored after `ready` loaded it.
    const wait = Atomics.waitAsync(this.#count, 0, this.#taken);
    if (!wait.async) {
      this.#wake?.();
      return;
    }
    const waitsAt = this.#taken;
    this.#waitsAt = waitsAt;
    void wait.value.then(() => {
      if (this.#waitsAt === waitsAt) this.#waitsAt = undefined;
      this.#wake?.();
    });
  }
}
