/** What the settings of a destination mean to who brings it its requests. */
import type { ForwardingDestination } from '../config/config.ts';
import type { ForwardRules } from './forward-status.ts';

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
