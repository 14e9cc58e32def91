/** Lets requests to a destination start: one after the other, as its breaker and its rate allow. */
import type { Clock } from '../shared/clock.ts';
import {
  askBreaker,
  type BreakerLimits,
  type BreakerState,
  closedBreaker,
  tellBreaker,
} from './circuit-breaker.ts';
import { RateLimit } from './rate-limit.ts';

export interface GateOptions {
  readonly breaker: BreakerLimits;
  /** Requests a second; 0 is no limit. */
  readonly rateLimit: number;
  readonly clock: Clock;
  /** Resolves early when the signal is aborted. */
  readonly sleep: (ms: number, stop: AbortSignal) => Promise<void>;
  readonly onChange: (from: BreakerState['kind'], to: BreakerState['kind']) => void;
}

export class Gate {
  readonly #options: GateOptions;
  readonly #rate: RateLimit;
  #state: BreakerState = closedBreaker;
  /** Called when a probe has its result. */
  #probeWaiters: (() => void)[] = [];

  constructor(options: GateOptions) {
    this.#options = options;
    this.#rate = new RateLimit(options.rateLimit, options.clock.monotonicMs());
  }

  get state(): BreakerState['kind'] {
    return this.#state.kind;
  }

  /** Resolves with the period in which a request starts now; undefined when it is stopped. */
  async pass(stop: AbortSignal): Promise<number | undefined> {
    const { clock, sleep } = this.#options;
    while (!stop.aborted) {
      const answer = askBreaker(this.#state, clock.monotonicMs());
      if (!answer.mayStart) {
        if (answer.waitMs === undefined) await this.#probeResult(stop);
        else await sleep(answer.waitMs, stop);
        continue;
      }
      const rateMs = this.#rate.take(clock.monotonicMs());
      if (rateMs > 0) {
        await sleep(rateMs, stop);
        continue;
      }
      this.#change(answer.state);
      return answer.state.period;
    }
    return undefined;
  }

  /** The result of a request that was let through in a period. */
  tell(period: number, isSuccess: boolean): void {
    const { clock, breaker } = this.#options;
    this.#change(tellBreaker(this.#state, { period, isSuccess }, clock.monotonicMs(), breaker));
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
    const { kind } = this.#state;
    this.#state = state;
    if (state.kind !== kind) this.#options.onChange(kind, state.kind);
  }
}
