/** How long to wait before a request is sent again. */

export interface BackoffLimits {
  readonly initialMs: number;
  readonly multiplier: number;
  readonly maxMs: number;
}

/**
 * Before the `attempt`th repetition, from 1 on: the delay grows up to its maximum, and half of it
 * is left to chance (`fraction`, from 0 up to 1), so that many senders do not come back at once. A
 * destination that says when to come back is not asked sooner.
 */
export function backoffMs(
  attempt: number,
  { initialMs, multiplier, maxMs }: BackoffLimits,
  fraction: number,
  retryAfterMs = 0,
): number {
  const fullMs = Math.min(maxMs, initialMs * multiplier ** (attempt - 1));
  return Math.max(retryAfterMs, fullMs / 2 + (fullMs / 2) * fraction);
}
