/** The requests that are being delivered: so many at a time, and no more. */

export interface Load {
  readonly receivedTimeNs: bigint;
  readonly bytes: number;
}

export class UnderWay {
  readonly #countMax: number;
  readonly #loads = new Map<Promise<void>, Load>();
  /** Called when one has ended. */
  #waiter: (() => void) | undefined;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** Until the delivery ends; it must not reject. */
  add(delivery: Promise<void>, load: Load): void {
    this.#loads.set(delivery, load);
    void delivery.then(() => {
      this.#loads.delete(delivery);
      this.#waiter?.();
    });
  }

  /** Resolves when one more may begin. One asks at a time. */
  async room(): Promise<void> {
    while (this.#loads.size >= this.#countMax) await this.#nextEnd();
  }

  /** Resolves when none is under way. */
  async ended(): Promise<void> {
    await Promise.all(this.#loads.keys());
  }

  get count(): number {
    return this.#loads.size;
  }

  get bytes(): number {
    return [...this.#loads.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** When the one came that came first; undefined while there is none. */
  get oldestReceivedTimeNs(): bigint | undefined {
    let oldest: bigint | undefined;
    for (const { receivedTimeNs } of this.#loads.values()) {
      if (oldest === undefined || receivedTimeNs < oldest) oldest = receivedTimeNs;
    }
    return oldest;
  }

  /** A race of all would grow with each round for as long as one of them does not end. */
  #nextEnd(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiter = resolve;
    });
  }
}
