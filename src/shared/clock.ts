/** The port through which the program sees time, and the only place that reads it. */

export interface Clock {
  /** Nanoseconds since the Unix epoch, UTC. */
  unixNs(): bigint;
  /** Milliseconds since the Unix epoch, UTC. */
  unixMs(): number;
  /** Milliseconds of a clock that never goes back; for ages and timeouts. */
  monotonicMs(): number;
}

/**
 * The machine's clock. Unix time has microseconds, from the start of the thread on without steps.
 */
export const systemClock: Clock = {
  unixNs: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n,
  unixMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** A clock that stands still until it is moved; for tests. */
export class ManualClock implements Clock {
  #unixNs: bigint;
  #monotonicMs = 0;

  constructor(unixMs: number) {
    this.#unixNs = BigInt(unixMs) * 1_000_000n;
  }

  unixNs(): bigint {
    return this.#unixNs;
  }

  unixMs(): number {
    return Number(this.#unixNs / 1_000_000n);
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  advance(ms: number): void {
    this.#unixNs += BigInt(Math.round(ms * 1e6));
    this.#monotonicMs += ms;
  }
}
