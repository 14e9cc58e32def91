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
 * A thread that is halted between two looks at clocks must not be taken for a clock that was set.
 */
const clockStepMsMin = 1_000;

/** Unix ms at which this thread's monotonic clock stood at 0. */
let originMs = performance.timeOrigin;

/** The machine's clock. */
export const systemClock: Clock = {
  unixNs,
  unixMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/**
 * With microseconds and without small steps, by the monotonic clock, which does not notice that the
 * machine slept or that its clock was set: then it is set too.
 */
function unixNs(): bigint {
  const stepMs = Date.now() - (originMs + performance.now());
  if (Math.abs(stepMs) >= clockStepMsMin) originMs += stepMs;
  return BigInt(Math.round((originMs + performance.now()) * 1000)) * 1000n;
}

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
