/** The lag of a destination, with and without requests in flight. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Cursor } from '../../src/forward/cursor.ts';
import { InFlight } from '../../src/forward/in-flight.ts';
import { Lag } from '../../src/forward/lag.ts';
import { ManualClock } from '../../src/shared/clock.ts';

function open() {
  const clock = new ManualClock(10_000);
  const cursor = new Cursor(0);
  cursor.addSignals(['traces'], 0);
  const inFlight = new InFlight(4);
  return {
    clock,
    cursor,
    inFlight,
    lag: new Lag({ cursor, signals: ['traces'], clock, inFlight }),
  };
}

describe('Lag', () => {
  it('no request left: no lag, even after a long time', () => {
    const { lag, clock } = open();
    clock.advance(60_000);
    assert.deepEqual(lag.at(1), { lagRequests: 0, lagBytes: 0, lagSeconds: 0 });
  });

  it('in flight: the age of the oldest; unread requests count with the average size', () => {
    const { lag, clock, cursor, inFlight } = open();
    for (const [position, bytes] of [
      [1, 100],
      [2, 300],
    ] as const) {
      cursor.begin('traces', position);
      lag.onRead(bytes);
      inFlight.add(new Promise(() => {}), { receivedTimeNs: clock.unixNs(), bytes });
      clock.advance(1_500);
    }
    assert.deepEqual(lag.at(11), { lagRequests: 10, lagBytes: 400 + 8 * 200, lagSeconds: 3 });
  });

  it('requests left and none in flight: the time since the last progress', () => {
    const { lag, clock } = open();
    clock.advance(5_000);
    lag.onProgress();
    clock.advance(2_000);
    assert.deepEqual(lag.at(4), { lagRequests: 3, lagBytes: 0, lagSeconds: 2 });
  });

  it('a clock that was set back: the lag is never negative', () => {
    const { lag, clock, cursor, inFlight } = open();
    cursor.begin('traces', 1);
    inFlight.add(new Promise(() => {}), { receivedTimeNs: clock.unixNs() + 10n ** 9n, bytes: 1 });
    assert.equal(lag.at(2).lagSeconds, 0);
  });
});
