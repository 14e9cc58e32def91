/**
 * The circuit breaker of a destination: it stops sending to a destination that fails.
 *
 *     ┌────────┐   last_failure   ┌──────┐   probe   ┌─────────┐   success    ┌───────────┐
 *     │ closed │ ───────────────> │ open │ ────────> │ probing │ ───────────> │ half_open │
 *     └────────┘                  └──────┘           └─────────┘ <─────────── └───────────┘
 *          ^                          ^                │     │       probe
 *          │                          └────────────────┘     │
 *          │                             last_failure        │
 *          └─────────────────────────────────────────────────┘
 *                             last_success
 *
 * 1. A result counts only in the period in which its request was started. Requests that were in
 *    flight when the breaker opened say nothing about the state of the destination afterwards.
 * 2. While the breaker tests a destination, one request at a time is in flight.
 */
import { invariant } from '../shared/invariant.ts';

export interface BreakerLimits {
  /** This many failures in a row open the breaker. */
  readonly failureCount: number;
  /** The breaker stays open for this time before it sends a probe. */
  readonly resetMs: number;
  /** This many probes in a row must succeed to close the breaker. */
  readonly successCount: number;
}

/** `probing`: a probe is in flight. `half_open`: the last probe succeeded, and more are needed. */
type Phase = 'closed' | 'open' | 'probing' | 'half_open';

/** A result is a `last_…` event if it reaches the limit of its row. */
type Event = 'success' | 'failure' | 'last_success' | 'last_failure' | 'probe';

type Move = readonly [Phase, 'reset' | 'keep' | 'increment'];

/** For each phase and event the next phase, and what becomes of the count. */
const moves: Readonly<Record<Phase, Readonly<Partial<Record<Event, Move>>>>> = {
  closed: {
    success: ['closed', 'reset'],
    failure: ['closed', 'increment'],
    last_failure: ['open', 'reset'],
  },
  open: { probe: ['probing', 'reset'] },
  probing: {
    success: ['half_open', 'increment'],
    last_success: ['closed', 'reset'],
    last_failure: ['open', 'reset'],
  },
  half_open: { probe: ['probing', 'keep'] },
};

export interface BreakerState {
  readonly phase: Phase;
  /** Rises by one whenever the name of the state changes. */
  readonly period: number;
  /** Failures in a row while closed, successful probes in a row while probing or half-open. */
  readonly count: number;
  /** The time of the next probe, by the monotonic clock; 0 if the breaker is not open. */
  readonly openUntilMs: number;
}

/** The state as people see it. */
export type BreakerName = 'closed' | 'open' | 'half_open';

export const closedBreaker: BreakerState = { phase: 'closed', period: 0, count: 0, openUntilMs: 0 };

export function breakerName({ phase }: BreakerState): BreakerName {
  return phase === 'probing' ? 'half_open' : phase;
}

/**
 * If a request may start, `state` is the state after its start. Otherwise `waitMs` is the time
 * until the next attempt; undefined means: until the probe in flight has its result.
 */
export type BreakerDecision =
  | { readonly mayStart: true; readonly state: BreakerState }
  | { readonly mayStart: false; readonly waitMs: number | undefined };

/** Decides whether a request may start now. */
export function decideStart(state: BreakerState, nowMs: number): BreakerDecision {
  const { phase, openUntilMs } = state;
  if (phase === 'closed') return { mayStart: true, state };
  if (phase === 'probing') return { mayStart: false, waitMs: undefined };
  if (nowMs < openUntilMs) return { mayStart: false, waitMs: openUntilMs - nowMs };
  return { mayStart: true, state: move(state, 'probe') };
}

/** The result of a request that was started in a period. */
export interface BreakerResult {
  readonly period: number;
  readonly isSuccess: boolean;
}

/** Returns the state after a result. */
export function recordResult(
  state: BreakerState,
  { period, isSuccess }: BreakerResult,
  nowMs: number,
  limits: BreakerLimits,
): BreakerState {
  if (period !== state.period) return state;
  return move(state, eventOf(state, isSuccess, limits), nowMs + limits.resetMs);
}

function eventOf({ phase, count }: BreakerState, isSuccess: boolean, limits: BreakerLimits): Event {
  if (phase === 'closed') {
    if (isSuccess) return 'success';
    return count + 1 < limits.failureCount ? 'failure' : 'last_failure';
  }
  if (!isSuccess) return 'last_failure';
  return count + 1 < limits.successCount ? 'success' : 'last_success';
}

function move(state: BreakerState, event: Event, openUntilMs = 0): BreakerState {
  const found = moves[state.phase][event];
  invariant(found !== undefined, 'the circuit breaker has no move for this event');
  const [phase, change] = found;
  const next = {
    phase,
    count: { reset: 0, keep: state.count, increment: state.count + 1 }[change],
    openUntilMs: phase === 'open' ? openUntilMs : 0,
  };
  const isRenamed = breakerName({ ...state, phase }) !== breakerName(state);
  return { ...next, period: isRenamed ? state.period + 1 : state.period };
}
