/** Delays before a retry: their growth, their bounds, and delays that a destination requests. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { backoffMs } from '../../src/client/backoff.ts';

const limits = { initialMs: 100, multiplier: 2, maxMs: 10_000 };

describe('backoff', () => {
  it('doubles up to its maximum', () => {
    const longest = [1, 2, 3, 7, 8, 20, 2000].map((attempt) => backoffMs(attempt, limits, 1));
    assert.deepEqual(longest, [100, 200, 400, 6400, 10_000, 10_000, 10_000]);
  });

  it('half of it is left to chance', () => {
    assert.equal(backoffMs(2, limits, 0), 100);
    assert.equal(backoffMs(2, limits, 0.5), 150);
  });

  it('a destination that says when to come back: is not asked sooner', () => {
    assert.equal(backoffMs(1, limits, 0, 5_000), 5_000);
    assert.equal(backoffMs(20, limits, 1, 5_000), 10_000);
    assert.equal(backoffMs(1, limits, 0, 60_000), 60_000);
  });
});
