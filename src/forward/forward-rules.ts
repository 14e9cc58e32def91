/** The rules by which requests are delivered to one destination. */
import type { BackoffLimits } from '../client/backoff.ts';
import type { ForwardingDestination } from '../config/config.ts';
import type { Signal } from '../shared/signal.ts';
import type { BreakerLimits } from './circuit-breaker.ts';

export interface ForwardRules {
  readonly name: string;
  readonly signals: readonly Signal[];
  /** Share of the traces that are sent, above 0 and at most 1. */
  readonly samplingRatio: number;
  /** The most requests in flight. */
  readonly concurrency: number;
  /** Requests a second; 0 means no limit. */
  readonly rateLimit: number;
  readonly retry: BackoffLimits;
  readonly breaker: BreakerLimits;
}

export function forwardRules(destination: ForwardingDestination): ForwardRules {
  const { name, signals, sampling, concurrency, rate_limit, retry, breaker } = destination;
  return {
    ...{ name, signals, concurrency, rateLimit: rate_limit, samplingRatio: sampling.ratio },
    retry: {
      initialMs: retry.initial_delay,
      multiplier: retry.multiplier,
      maxMs: retry.max_delay,
    },
    breaker: {
      failureCount: breaker.failures,
      resetMs: breaker.reset_timeout,
      successCount: breaker.successes,
    },
  };
}
