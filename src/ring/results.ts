/** The results channel: what became of each frame, from the lane back to its producer, in order. */
import { invariant } from '../shared/invariant.ts';
import { type LaneLayout, resultSlotCount, viewRing } from './layout.ts';

const slotMask = resultSlotCount - 1;

/** The lane's end. */
export class ResultWriter {
  readonly #count: Int32Array;
  readonly #slots: Uint8Array;
  /** Results in the slots; those behind the stored count are not visible yet. Modulo 2^32. */
  #pushed: number;
  #flushed: number;

  constructor(buffer: SharedArrayBuffer, layout: LaneLayout, ringIndex: number) {
    const { resultCount, resultSlots } = viewRing(buffer, layout, ringIndex);
    this.#count = resultCount;
    this.#slots = resultSlots;
    this.#pushed = resultCount[0]!;
    this.#flushed = this.#pushed;
  }

  /** Takes the result of the producer's next frame in order; the producer sees it after `flush`. */
  push(outcomeNumber: number): void {
    invariant(outcomeNumber >= 0 && outcomeNumber <= 255, 'an outcome fits into its slot');
    this.#slots[this.#pushed & slotMask] = outcomeNumber;
    this.#pushed = (this.#pushed + 1) | 0;
  }

  flush(): void {
    if (this.#pushed === this.#flushed) return;
    // Shows the producer the slots written before it, and that the tail stored before it has moved.
    Atomics.store(this.#count, 0, this.#pushed);
    // Wakes the producer if it waits in `ready`; it sees the count, which is stored already.
    Atomics.notify(this.#count, 0);
    this.#flushed = this.#pushed;
  }
}

/** The producer's end. */
export class ResultReader {
  readonly #count: Int32Array;
  readonly #slots: Uint8Array;
  /** Results taken, modulo 2^32. */
  #taken: number;
  /** The count at which the pending Atomics.waitAsync was begun; one is enough for each count. */
  #waitsAt: number | undefined;
  /** Ends the promise that `ready` gave last. */
  #wake: (() => void) | undefined;

  constructor(buffer: SharedArrayBuffer, layout: LaneLayout, ringIndex: number) {
    const { resultCount, resultSlots } = viewRing(buffer, layout, ringIndex);
    this.#count = resultCount;
    this.#slots = resultSlots;
    this.#taken = resultCount[0]!;
  }

  /** Visits the results that are there, in the order of the frames; returns how many they were. */
  take(visit: (outcomeNumber: number) => void): number {
    // Shows this thread the slots that the lane wrote before it stored the count.
    const available = Atomics.load(this.#count, 0);
    let count = 0;
    // Not `!==`: a visitor that takes results itself may have gone past `available`.
    while (((available - this.#taken) | 0) > 0) {
      const outcomeNumber = this.#slots[this.#taken & slotMask]!;
      this.#taken = (this.#taken + 1) | 0;
      count += 1;
      visit(outcomeNumber);
    }
    return count;
  }

  /**
   * Resolves when a result can be taken, at the latest after `capMs`, whichever comes first: look
   * again in any case, since a wake may be missed. Call it when the last promise has resolved. Its
   * timer keeps the event loop alive, which Atomics.waitAsync alone does not.
   */
  ready(capMs: number): Promise<void> {
    // Sees each count that the lane stored before; a later one ends the wait below.
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

  /** Without a timeout of its own: the platform would keep its timer long after the wake. */
  #awaitCount(): void {
    if (this.#waitsAt === this.#taken) return;
    // Compares and enlists in one step: a count stored since `ready` looked is not slept through.
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
