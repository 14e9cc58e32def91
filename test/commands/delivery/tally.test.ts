/** Tests that every item is counted once, whatever a destination says. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Answer } from '../../../src/client/answer.ts';
import { countAnswer, emptyTally, sumItems } from '../../../src/commands/delivery/tally.ts';

function taken(rejectedItems: number, message = ''): Answer {
  return { verdict: 'accepted', rejectedItems, message };
}

describe('tally', () => {
  it('each verdict has its count, and the last problem is kept', () => {
    const tally = emptyTally(['traces', 'logs']);
    countAnswer(tally, 'traces', 10, taken(0));
    countAnswer(tally, 'traces', 10, taken(3, 'too old'));
    countAnswer(tally, 'logs', 5, { verdict: 'refused', message: 'no', isMisdirected: false });
    countAnswer(tally, 'logs', 7, { verdict: 'unavailable', message: '', retryAfterMs: 0 });
    assert.deepEqual(
      [...tally.items],
      [
        ['traces', { acknowledged: 17, rejected: 3, failed: 0 }],
        ['logs', { acknowledged: 0, rejected: 5, failed: 7 }],
      ],
    );
    assert.deepEqual(sumItems(tally), { acknowledged: 17, rejected: 8, failed: 7 });
    assert.equal(tally.requests, 4);
    assert.equal(tally.lastProblem, 'no');
  });

  it('more rejected than were sent, or fewer than none: all of them, or none', () => {
    const tally = emptyTally(['metrics']);
    countAnswer(tally, 'metrics', 100, taken(1e9));
    countAnswer(tally, 'metrics', 100, taken(-5));
    assert.deepEqual(sumItems(tally), { acknowledged: 100, rejected: 100, failed: 0 });
  });
});
