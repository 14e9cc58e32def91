/** Decides when requests to a destination may start, by its circuit breaker and its rate limit. */
import type { Clock } from '../shared/clock.ts';
import {
  type BreakerLimits,
  type BreakerName,
  type BreakerState,
  breakerName,
  closedBreaker,
  decideStart,
  recordResult,
} from './circuit-breaker.ts';
import { RateLimit } from './rate-limit.ts';

export interface GateOptions {
  readonly breaker: BreakerLimits;
  /** Requests a second; 0 means no limit. */
  readonly rateLimit: number;
  readonly clock: Clock;
  /** Resolves early if the signal is aborted. */
  readonly sleep: (ms: number, stop: AbortSignal) => Promise<void>;
  readonly onChange: (from: BreakerName, to: BreakerName) => void;
}

export class Gate {
  readonly #options: GateOptions;
  readonly #rate: RateLimit;
  #breaker: BreakerState = closedBreaker;
  /** Called when the probe in flight has its result. */
  #probeWaiters: (() => void)[] = [];

  constructor(options: GateOptions) {
    this.#options = options;
    this.#rate = new RateLimit(options.rateLimit, options.clock.monotonicMs());
  }

  /** Returns the state of the circuit breaker. */
  get breaker(): BreakerName {
    return breakerName(this.#breaker);
  }

  /** Resolves when a request may start, with its period; with undefined if `stop` is aborted. */
  async pass(stop: AbortSignal): Promise<number | undefined> {
    const { clock, sleep } = this.#options;
    while (!stop.aborted) {
      const decision = decideStart(this.#breaker, clock.monotonicMs());
      if (!decision.mayStart) {
        if (decision.waitMs === undefined) await this.#probeResult(stop);
        else await sleep(decision.waitMs, stop);
        continue;
      }
      const rateMs = this.#rate.take(clock.monotonicMs());
      if (rateMs > 0) {
        await sleep(rateMs, stop);
        continue;
      }
      this.#change(decision.state);
      return decision.state.period;
    }
    return undefined;
  }

  /** Records the result of a request, with the period that `pass` returned for it. */
  recordResult(period: number, isSuccess: boolean): void {
    const { clock, breaker } = this.#options;
    const result = { period, isSuccess };
    this.#change(recordResult(this.#breaker, result, clock.monotonicMs(), breaker));
    for (const resolve of this.#probeWaiters.splice(0)) resolve();
  }

  #probeResult(stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        stop.removeEventListener('abort', done);
        resolve();
      };
      this.#probeWaiters.push(done);
      stop.addEventListener('abort', done);
    });
  }

  #change(state: BreakerState): void {
    const [from, to] = [this.breaker, breakerName(state)];
    this.#breaker = state;
    if (from !== to) this.#options.onChange(from, to);
  }
}
