/** Every move of the circuit breaker, and what holds after any order of events. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type BreakerState,
  breakerName,
  closedBreaker,
  decideStart,
  recordResult,
} from '../../src/forward/circuit-breaker.ts';
import { seededRandom } from '../random.ts';

const limits = { failureCount: 3, resetMs: 1000, successCount: 2 };
const open: BreakerState = { phase: 'open', period: 1, count: 0, openUntilMs: 1000 };
const probing: BreakerState = { phase: 'probing', period: 2, count: 0, openUntilMs: 0 };
const halfOpen: BreakerState = { ...probing, phase: 'half_open', count: 1 };

function result(state: BreakerState, isSuccess: boolean): BreakerState {
  return recordResult(state, { period: state.period, isSuccess }, 0, limits);
}

describe('decideStart', () => {
  const cases = [
    { state: closedBreaker, nowMs: 0, decision: { mayStart: true, state: closedBreaker } },
    { state: open, nowMs: 400, decision: { mayStart: false, waitMs: 600 } },
    { state: open, nowMs: 1000, decision: { mayStart: true, state: probing } },
    { state: probing, nowMs: 5000, decision: { mayStart: false, waitMs: undefined } },
    { state: halfOpen, nowMs: 0, decision: { mayStart: true, state: { ...probing, count: 1 } } },
  ];
  for (const { state, nowMs, decision } of cases) {
    it(`${state.phase} at ${nowMs} ms`, () => {
      assert.deepEqual(decideStart(state, nowMs), decision);
    });
  }
});

describe('recordResult', () => {
  const failedTwice: BreakerState = { ...closedBreaker, count: 2 };
  const moves = [
    { from: closedBreaker, isSuccess: true, to: closedBreaker },
    { from: closedBreaker, isSuccess: false, to: { ...closedBreaker, count: 1 } },
    { from: failedTwice, isSuccess: true, to: closedBreaker },
    { from: failedTwice, isSuccess: false, to: open },
    { from: probing, isSuccess: true, to: halfOpen },
    { from: { ...probing, count: 1 }, isSuccess: true, to: { ...closedBreaker, period: 3 } },
    { from: probing, isSuccess: false, to: { ...open, period: 3 } },
    { from: { ...probing, count: 1 }, isSuccess: false, to: { ...open, period: 3 } },
  ];
  for (const { from, isSuccess, to } of moves) {
    it(`${from.phase} with count ${from.count}: a ${isSuccess ? 'success' : 'failure'}`, () => {
      assert.deepEqual(result(from, isSuccess), to);
    });
  }

  it('a result from an earlier period changes nothing', () => {
    for (const state of [open, probing, halfOpen, closedBreaker]) {
      for (const isSuccess of [true, false]) {
        const late = { period: state.period - 1, isSuccess };
        assert.deepEqual(recordResult(state, late, 0, limits), state);
      }
    }
  });

  it('a result of a request that cannot have been started is a fault of the program', () => {
    for (const state of [open, halfOpen]) {
      assert.throws(() => result(state, true), /no move for this event/);
    }
  });
});

it('breakerName: a probe in flight is part of half-open', () => {
  const names = [closedBreaker, open, probing, halfOpen].map(breakerName);
  assert.deepEqual(names, ['closed', 'open', 'half_open', 'half_open']);
});

it('any order of events: never two probes in flight, and open starts none before its time', () => {
  const random = seededRandom();
  let state = closedBreaker;
  let nowMs = 0;
  const inFlight: number[] = [];
  for (let step = 0; step < 20_000; step++) {
    nowMs += random.below(100);
    if (random.below(2) === 0) {
      const wasOpen = state.phase === 'open' && nowMs < state.openUntilMs;
      const decision = decideStart(state, nowMs);
      if (!decision.mayStart) continue;
      assert.ok(!wasOpen, `step ${step}`);
      state = decision.state;
      inFlight.push(state.period);
      const probeCount = inFlight.filter((period) => period === state.period).length;
      assert.ok(state.phase === 'closed' || probeCount === 1, `step ${step}`);
    } else if (inFlight.length > 0) {
      const [period = 0] = inFlight.splice(random.below(inFlight.length), 1);
      state = recordResult(state, { period, isSuccess: random.below(5) < 2 }, nowMs, limits);
    }
  }
});
