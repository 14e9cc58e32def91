/** The gate lets one probe through, holds all others, and opens for all when the breaker closes. */
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
  it('closed: passes all at once', async () => {
    const { gate } = newGate();
    assert.deepEqual(await Promise.all([gate.pass(never), gate.pass(never)]), [0, 0]);
  });

  it('open: those who ask wait for the reset, and then for the probe’s result', async () => {
    const { gate, changes } = newGate();
    gate.tell(0, false);
    gate.tell(0, false);
    assert.equal(gate.state, 'open');
    const passed: (number | undefined)[] = [];
    const asking = [1, 2, 3].map(() => gate.pass(never).then((period) => passed.push(period)));
    for (let turns = 0; turns < 20; turns++) await turn();
    assert.deepEqual([passed.length, gate.state], [1, 'half_open']);
    gate.tell(passed[0]!, true);
    for (let turns = 0; turns < 20; turns++) await turn();
    assert.equal(passed.length, 2);
    gate.tell(passed[1]!, true);
    await Promise.all(asking);
    assert.deepEqual(changes, ['closed open', 'open half_open', 'half_open closed']);
  });

  it('stopped: those who wait get nothing', async () => {
    const { gate } = newGate();
    gate.tell(0, false);
    gate.tell(0, false);
    const stop = new AbortController();
    const first = await gate.pass(stop.signal);
    const waiting = gate.pass(stop.signal);
    await turn();
    stop.abort();
    assert.equal(await waiting, undefined);
    assert.equal(typeof first, 'number');
  });
});
