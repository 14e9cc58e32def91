/**
 * The circuit breaker of a destination, as a table of moves: it stops trying where trying fails.
 *
 *     ┌────────┐  so many failures in a row   ┌──────┐
 *     │ closed │ ───────────────────────────> │ open │ <──────────┐
 *     └────────┘                              └──────┘            │
 *          ^                                      │ reset timeout │ a failure
 *          │           so many successes          v               │
 *          └────────────────────────────── ┌───────────┐ ─────────┘
 *                                          │ half-open │  one probe at a time
 *                                          └───────────┘
 *
 * 1. A result counts only in the period in which its request was started: what was under way when
 *    the breaker opened says nothing of how the destination is now.
 * 2. Half-open, a second request starts only when the first has its result.
 */

export interface BreakerLimits {
  /** Failures in a row that open it. */
  readonly failureCount: number;
  /** How long it stays open before a probe. */
  readonly resetMs: number;
  /** Successes in a row, half-open, that close it. */
  readonly successCount: number;
}

/** `period` rises by one at each change between the three. */
export type BreakerState = { readonly period: number } & (
  | { readonly kind: 'closed'; readonly failures: number }
  | { readonly kind: 'open'; readonly untilMs: number }
  | { readonly kind: 'half_open'; readonly successes: number; readonly isProbing: boolean }
);

export const closedBreaker: BreakerState = { kind: 'closed', period: 0, failures: 0 };

/**
 * Whether a request may start: with the state after it did, or with how long to wait before asking
 * again; undefined stands for: until a probe has its result.
 */
export type BreakerAnswer =
  | { readonly mayStart: true; readonly state: BreakerState }
  | { readonly mayStart: false; readonly waitMs: number | undefined };

export function askBreaker(state: BreakerState, nowMs: number): BreakerAnswer {
  if (state.kind === 'closed') return { mayStart: true, state };
  if (state.kind === 'open') {
    if (nowMs < state.untilMs) return { mayStart: false, waitMs: state.untilMs - nowMs };
    const period = state.period + 1;
    const probing = { kind: 'half_open', period, successes: 0, isProbing: true } as const;
    return { mayStart: true, state: probing };
  }
  if (state.isProbing) return { mayStart: false, waitMs: undefined };
  return { mayStart: true, state: { ...state, isProbing: true } };
}

/** The result of a request that was started in a period. */
export interface BreakerResult {
  readonly period: number;
  readonly isSuccess: boolean;
}

export function tellBreaker(
  state: BreakerState,
  { period, isSuccess }: BreakerResult,
  nowMs: number,
  limits: BreakerLimits,
): BreakerState {
  if (period !== state.period || state.kind === 'open') return state;
  if (state.kind === 'closed') {
    const failures = isSuccess ? 0 : state.failures + 1;
    return failures < limits.failureCount ? { ...state, failures } : open(state, nowMs, limits);
  }
  if (!isSuccess) return open(state, nowMs, limits);
  const successes = state.successes + 1;
  if (successes < limits.successCount) return { ...state, successes, isProbing: false };
  return { kind: 'closed', period: period + 1, failures: 0 };
}

function open({ period }: BreakerState, nowMs: number, { resetMs }: BreakerLimits): BreakerState {
  return { kind: 'open', period: period + 1, untilMs: nowMs + resetMs };
}
