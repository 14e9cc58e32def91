/** How far behind a destination is, whether it is being sent anything or not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Cursor } from '../../src/forward/cursor.ts';
import { Lag } from '../../src/forward/lag.ts';
import { UnderWay } from '../../src/forward/under-way.ts';
import { ManualClock } from '../../src/shared/clock.ts';

function open() {
  const clock = new ManualClock(10_000);
  const cursor = new Cursor(0);
  cursor.want(['traces'], 0);
  const underWay = new UnderWay(4);
  return {
    clock,
    cursor,
    underWay,
    lag: new Lag({ cursor, signals: ['traces'], clock, underWay }),
  };
}

describe('Lag', () => {
  it('nothing left to do: none, however long ago that was', () => {
    const { lag, clock } = open();
    clock.advance(60_000);
    assert.deepEqual(lag.at(1), { lagRequests: 0, lagBytes: 0, lagSeconds: 0 });
  });

  it('under way: the age of the oldest; what is not read is taken to be as large', () => {
    const { lag, clock, cursor, underWay } = open();
    for (const [position, bytes] of [
      [1, 100],
      [2, 300],
    ] as const) {
      cursor.begin('traces', position);
      lag.read(bytes);
      underWay.add(new Promise(() => {}), { receivedTimeNs: clock.unixNs(), bytes });
      clock.advance(1_500);
    }
    assert.deepEqual(lag.at(11), { lagRequests: 10, lagBytes: 400 + 8 * 200, lagSeconds: 3 });
  });

  it('nothing under way although there is something: since when nothing has moved', () => {
    const { lag, clock } = open();
    clock.advance(5_000);
    lag.moved();
    clock.advance(2_000);
    assert.deepEqual(lag.at(4), { lagRequests: 3, lagBytes: 0, lagSeconds: 2 });
  });

  it('a clock that was set back: never below nothing', () => {
    const { lag, clock, cursor, underWay } = open();
    cursor.begin('traces', 1);
    underWay.add(new Promise(() => {}), { receivedTimeNs: clock.unixNs() + 10n ** 9n, bytes: 1 });
    assert.equal(lag.at(2).lagSeconds, 0);
  });
});
