/** The requests that are being delivered: their number is bounded. */

export interface Load {
  readonly receivedTimeNs: bigint;
  readonly bytes: number;
}

export class InFlight {
  readonly #countMax: number;
  readonly #loads = new Map<Promise<void>, Load>();
  /** Called when a delivery has ended. */
  #waiter: (() => void) | undefined;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** Counts the delivery until it resolves. It must not reject. */
  add(delivery: Promise<void>, load: Load): void {
    this.#loads.set(delivery, load);
    void delivery.then(() => {
      this.#loads.delete(delivery);
      this.#waiter?.();
    });
  }

  /** Resolves when one more delivery may begin. Only one caller may wait at a time. */
  async waitForRoom(): Promise<void> {
    while (this.#loads.size >= this.#countMax) await this.#nextEnd();
  }

  /** Resolves when all deliveries have ended. */
  async waitForEnd(): Promise<void> {
    await Promise.all(this.#loads.keys());
  }

  get count(): number {
    return this.#loads.size;
  }

  get bytes(): number {
    return [...this.#loads.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Returns the earliest time at which one of the requests was received; undefined without any. */
  get oldestReceivedTimeNs(): bigint | undefined {
    let oldest: bigint | undefined;
    for (const { receivedTimeNs } of this.#loads.values()) {
      if (oldest === undefined || receivedTimeNs < oldest) oldest = receivedTimeNs;
    }
    return oldest;
  }

  /** Promise.race would leave a reaction behind in every delivery that outlives the wait. */
  #nextEnd(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiter = resolve;
    });
  }
}
