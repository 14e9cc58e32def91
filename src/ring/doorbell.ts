/** The doorbell: a lane sleeps by it until a producer or the main thread has something for it. */
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
   * Wakes the lane if it sleeps; for any thread, once what the lane shall find is in shared memory
   * (a ring's head, the control word). A lane that is awake keeps no memory of the call.
   */
  ringBell(): void {
    // Comes after the caller's own atomic store. The lane announces its sleep before it looks for
    // work the last time: so either it sees that store, or this load sees the announcement.
    if (Atomics.load(this.#doorbell, 0) === awake) return;
    // Of several callers one takes the announcement back, and it alone pays for waking the lane.
    // A lane on its way into Atomics.wait sees the changed word there and does not sleep.
    if (Atomics.compareExchange(this.#doorbell, 0, asleep, awake) !== asleep) return;
    Atomics.notify(this.#doorbell, 0, 1);
  }

  /** Sets bits of the control word and wakes the lane; for any thread. The lane names the bits. */
  raise(bits: number): void {
    // Shows the lane the bits, and what this thread wrote before; adds to bits not yet taken.
    Atomics.or(this.#control, 0, bits);
    this.ringBell();
  }

  /** The bits raised since the last call; for the lane. */
  takeRaised(): number {
    // Shows the lane what the raising threads wrote before, and them that the bits were taken.
    return Atomics.exchange(this.#control, 0, 0);
  }

  /** Blocks the lane until the bell rings, at most so long; not at all when there is work. */
  sleepUnless(hasWork: () => boolean, timeoutMs: number): void {
    // Announces the sleep to all who ring, before the last look: see ringBell.
    Atomics.store(this.#doorbell, 0, asleep);
    if (!this.#isRaised() && !hasWork()) {
      // Returns at once if a ringing thread took the announcement back in the meantime.
      Atomics.wait(this.#doorbell, 0, asleep, timeoutMs);
    }
    // Tells those who ring that there is nobody to wake.
    Atomics.store(this.#doorbell, 0, awake);
  }

  #isRaised(): boolean {
    // Sees the bits of every thread whose `raise` came before this in the order of atomics.
    return Atomics.load(this.#control, 0) !== 0;
  }
}
