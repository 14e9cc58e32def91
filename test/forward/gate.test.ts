/** The gate passes one probe, holds all other requests, and passes all when the breaker closes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Gate } from '../../src/forward/gate.ts';
import { ManualClock } from '../../src/shared/clock.ts';

function newGate() {
  const clock = new ManualClock(0);
  const changes: string[] = [];
  const gate = new Gate({
    breaker: { failureCount: 2, resetMs: 1_000, successCount: 2 },
    rateLimit: 0,
    clock,
    sleep: async (ms) => {
      await turn();
      clock.advance(ms);
    },
    onChange: (from, to) => changes.push(`${from} ${to}`),
  });
  return { gate, clock, changes };
}

const never = new AbortController().signal;

describe('Gate', () => {
  it('closed: all requests pass at once', async () => {
    const { gate } = newGate();
    assert.deepEqual(await Promise.all([gate.pass(never), gate.pass(never)]), [0, 0]);
  });

  it('open: requests wait for the reset, and then for the result of the probe', async () => {
    const { gate, changes } = newGate();
    gate.recordResult(0, false);
    gate.recordResult(0, false);
    assert.equal(gate.breaker, 'open');
    const passed: (number | undefined)[] = [];
    const waiting = [1, 2, 3].map(() => gate.pass(never).then((period) => passed.push(period)));
    for (let turns = 0; turns < 20; turns++) await turn();
    assert.deepEqual([passed.length, gate.breaker], [1, 'half_open']);
    gate.recordResult(passed[0]!, true);
    for (let turns = 0; turns < 20; turns++) await turn();
    assert.equal(passed.length, 2);
    gate.recordResult(passed[1]!, true);
    await Promise.all(waiting);
    assert.deepEqual(changes, ['closed open', 'open half_open', 'half_open closed']);
  });

  it('stopped: waiting requests get undefined', async () => {
    const { gate } = newGate();
    gate.recordResult(0, false);
    gate.recordResult(0, false);
    const stop = new AbortController();
    const first = await gate.pass(stop.signal);
    const waiting = gate.pass(stop.signal);
    await turn();
    stop.abort();
    assert.equal(await waiting, undefined);
    assert.equal(typeof first, 'number');
  });
});
