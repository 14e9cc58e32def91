/** The clocks: the machine's and the manual one. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ManualClock, systemClock } from '../../src/shared/clock.ts';

it('systemClock: nanoseconds and milliseconds tell the same time', () => {
  const differenceMs = Math.abs(Number(systemClock.unixNs() / 1_000_000n) - systemClock.unixMs());
  assert.ok(differenceMs < 1000, `they differ by ${differenceMs} ms`);
});

it('systemClock: a machine that slept, or whose clock is set, is followed', (t) => {
  const hourMs = 3_600_000;
  const { now } = Date;
  for (const stepMs of [hourMs, -24 * hourMs, 0]) {
    t.mock.method(Date, 'now', () => now() + stepMs);
    const differenceMs = Math.abs(Number(systemClock.unixNs() / 1_000_000n) - Date.now());
    assert.ok(differenceMs < 1000, `they differ by ${differenceMs} ms`);
    t.mock.restoreAll();
  }
});

it('systemClock: the monotonic time does not go back', () => {
  const first = systemClock.monotonicMs();
  assert.ok(systemClock.monotonicMs() >= first);
});

it('ManualClock: stands still until it is moved', () => {
  const clock = new ManualClock(1_000);
  assert.equal(clock.unixNs(), 1_000_000_000n);
  clock.advance(1.5);
  assert.equal(clock.unixNs(), 1_001_500_000n);
  assert.equal(clock.unixMs(), 1001);
  assert.equal(clock.monotonicMs(), 1.5);
});
