/** Every move of the circuit breaker, and what no order of events may lead to. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  askBreaker,
  type BreakerState,
  closedBreaker,
  tellBreaker,
} from '../../src/forward/circuit-breaker.ts';
import { seededRandom } from '../random.ts';

const limits = { failureCount: 3, resetMs: 1000, successCount: 2 };
const open: BreakerState = { kind: 'open', period: 1, untilMs: 1000 };
const probing: BreakerState = { kind: 'half_open', period: 2, successes: 0, isProbing: true };
const waiting: BreakerState = { ...probing, isProbing: false };

function after(state: BreakerState, ...results: readonly boolean[]): BreakerState {
  return results.reduce((now, isSuccess) => {
    return tellBreaker(now, { period: now.period, isSuccess }, 0, limits);
  }, state);
}

describe('circuit breaker: asked', () => {
  const cases = [
    { state: closedBreaker, nowMs: 0, answer: { mayStart: true, state: closedBreaker } },
    { state: open, nowMs: 400, answer: { mayStart: false, waitMs: 600 } },
    { state: open, nowMs: 1000, answer: { mayStart: true, state: probing } },
    { state: probing, nowMs: 5000, answer: { mayStart: false, waitMs: undefined } },
    { state: waiting, nowMs: 5000, answer: { mayStart: true, state: probing } },
  ];
  for (const { state, nowMs, answer } of cases) {
    it(`${JSON.stringify(state)} at ${nowMs} ms`, () => {
      assert.deepEqual(askBreaker(state, nowMs), answer);
    });
  }
});

describe('circuit breaker: told', () => {
  it('closed: failures in a row open it, and a success begins the row anew', () => {
    assert.deepEqual(after(closedBreaker, false, false), {
      kind: 'closed',
      period: 0,
      failures: 2,
    });
    assert.equal(after(closedBreaker, false, false, true, false, false).kind, 'closed');
    assert.deepEqual(after(closedBreaker, false, false, false), open);
  });

  it('half-open: successes in a row close it, a failure opens it again', () => {
    assert.deepEqual(after(probing, true), { ...waiting, successes: 1 });
    assert.deepEqual(after(probing, true, true), { kind: 'closed', period: 3, failures: 0 });
    assert.deepEqual(after(probing, true, false), { kind: 'open', period: 3, untilMs: 1000 });
  });

  it('what was started in an earlier period: changes nothing', () => {
    for (const state of [open, probing, closedBreaker]) {
      for (const isSuccess of [true, false]) {
        const result = { period: state.period - 1, isSuccess };
        assert.deepEqual(tellBreaker(state, result, 0, limits), state);
      }
    }
  });

  it('any order of events: half-open never has two probes under way, open starts none', () => {
    const random = seededRandom();
    let state = closedBreaker;
    let nowMs = 0;
    const underWay: number[] = [];
    for (let step = 0; step < 20_000; step++) {
      nowMs += random.below(100);
      if (random.below(2) === 0) {
        const wasOpen = state.kind === 'open' && nowMs < state.untilMs;
        const answer = askBreaker(state, nowMs);
        if (!answer.mayStart) continue;
        assert.ok(!wasOpen, `step ${step}`);
        state = answer.state;
        underWay.push(state.period);
        const probes = underWay.filter((period) => period === state.period).length;
        assert.ok(state.kind === 'closed' || probes === 1, `step ${step}`);
      } else if (underWay.length > 0) {
        const [period = 0] = underWay.splice(random.below(underWay.length), 1);
        state = tellBreaker(state, { period, isSuccess: random.below(5) < 2 }, nowMs, limits);
      }
    }
  });
});
