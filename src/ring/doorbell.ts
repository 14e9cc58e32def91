/** The doorbell: a lane sleeps on it until a producer or the main thread has work for the lane. */
import { type LaneLayout, viewBell } from './layout.ts';

const awake = 0;
const asleep = 1;

export class Doorbell {
  readonly #doorbell: Int32Array;
  readonly #control: Int32Array;

  constructor(buffer: SharedArrayBuffer, layout: LaneLayout) {
    const { doorbell, control } = viewBell(buffer, layout);
    this.#doorbell = doorbell;
    this.#control = control;
  }

  /**
   * Wakes the lane if it sleeps. Any thread may call this, after it has stored the lane's work in
   * shared memory (a ring's head or the control word). If the lane is awake, the call has no
   * effect.
   */
  ringBell(): void {
    // The caller's own atomic store comes before this load. The lane announces its sleep before it
    // looks for work for the last time. So either the lane sees that store, or this load sees the
    // announcement.
    if (Atomics.load(this.#doorbell, 0) === awake) return;
    // If several threads call at once, only one of them withdraws the announcement and pays for
    // waking the lane. If the lane is about to enter Atomics.wait, it sees the changed word and
    // does not sleep.
    if (Atomics.compareExchange(this.#doorbell, 0, asleep, awake) !== asleep) return;
    Atomics.notify(this.#doorbell, 0, 1);
  }

  /**
   * Sets bits of the control word and wakes the lane. Any thread may call it. The lane defines the
   * bits.
   */
  raise(bits: number): void {
    // Makes the bits visible to the lane, and everything that this thread wrote before. Bits that
    // the lane has not taken yet stay set.
    Atomics.or(this.#control, 0, bits);
    this.ringBell();
  }

  /** Returns the bits set since the last call, and clears them. Only the lane calls it. */
  takeRaised(): number {
    // Makes everything that the raising threads wrote before visible to the lane, and shows those
    // threads that the lane has taken the bits.
    return Atomics.exchange(this.#control, 0, 0);
  }

  /**
   * Blocks the lane until the bell rings, for at most `timeoutMs`. Returns at once if there is
   * work.
   */
  sleepUnless(hasWork: () => boolean, timeoutMs: number): void {
    // Announces the sleep to all threads that ring, before the last look for work: see ringBell.
    Atomics.store(this.#doorbell, 0, asleep);
    if (!this.#isRaised() && !hasWork()) {
      // Returns at once if a ringing thread has withdrawn the announcement in the meantime.
      Atomics.wait(this.#doorbell, 0, asleep, timeoutMs);
    }
    // Shows the threads that ring that the lane is awake.
    Atomics.store(this.#doorbell, 0, awake);
  }

  #isRaised(): boolean {
    // Sees the bits of every thread whose `raise` came before this load in the order of atomics.
    return Atomics.load(this.#control, 0) !== 0;
  }
}
