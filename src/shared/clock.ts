/** The port for time. Only this file reads the system's clocks. */

export interface Clock {
  /** Nanoseconds since the Unix epoch, UTC. */
  unixNs(): bigint;
  /** Milliseconds since the Unix epoch, UTC. */
  unixMs(): number;
  /** Milliseconds of a clock that never goes back, for ages and timeouts. */
  monotonicMs(): number;
}

/**
 * Smaller differences are ignored: a thread can be suspended between its two clock readings, which
 * must not look like a clock that was set.
 */
const clockStepMsMin = 1_000;

/** Unix time in ms at which this thread's monotonic clock was 0. */
let originMs = performance.timeOrigin;

/** The machine's clock. */
export const systemClock: Clock = {
  unixNs,
  unixMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/**
 * Uses the monotonic clock, which has microseconds and no small steps. That clock does not notice
 * when the machine sleeps or its clock is set, so `originMs` is then adjusted.
 */
function unixNs(): bigint {
  const stepMs = Date.now() - (originMs + performance.now());
  if (Math.abs(stepMs) >= clockStepMsMin) originMs += stepMs;
  return BigInt(Math.round((originMs + performance.now()) * 1000)) * 1000n;
}

/** A clock for tests. It stands still until `advance` moves it. */
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

  /** The clock of the system is set: only the Unix time changes. */
  jump(ms: number): void {
    this.#unixNs += BigInt(Math.round(ms * 1e6));
  }

  advance(ms: number): void {
    this.#unixNs += BigInt(Math.round(ms * 1e6));
    this.#monotonicMs += ms;
  }
}
