/** Calculates the delay before a request is sent again. */

export interface BackoffLimits {
  readonly initialMs: number;
  readonly multiplier: number;
  readonly maxMs: number;
}

/**
 * Returns the delay before repetition `attempt`, which counts from 1. The delay grows up to its
 * maximum. Half of it is multiplied by `fraction`, a random number from 0 to 1, so that many
 * senders do not come back at once. The delay is never shorter than `retryAfterMs`, which the
 * destination asked for.
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
