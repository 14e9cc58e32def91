/** The token bucket: its rate in the long run, and the burst after a pause. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RateLimit } from '../../src/forward/rate-limit.ts';

describe('RateLimit', () => {
  it('0: no limit', () => {
    const limit = new RateLimit(0, 0);
    for (let count = 0; count < 1000; count++) assert.equal(limit.take(0), 0);
  });

  it('ten a second: ten at once, then one each 100 ms', () => {
    const limit = new RateLimit(10, 0);
    const waits = Array.from({ length: 11 }, () => limit.take(0));
    assert.deepEqual(waits, [...Array(10).fill(0), 100]);
    assert.ok(limit.take(99) > 0);
    assert.equal(limit.take(100), 0);
    assert.equal(limit.take(100), 100);
  });

  it('a long pause: earns the tokens of one second', () => {
    const limit = new RateLimit(5, 0);
    const started = Array.from({ length: 20 }, () => limit.take(3_600_000));
    assert.equal(started.filter((waitMs) => waitMs === 0).length, 5);
  });

  it('less than one a second: one at once, then by its rate', () => {
    const limit = new RateLimit(0.5, 0);
    assert.equal(limit.take(0), 0);
    assert.equal(limit.take(0), 2000);
    assert.equal(limit.take(2000), 0);
  });
});
