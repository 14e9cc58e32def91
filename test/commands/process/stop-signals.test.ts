/** The first signal asks, a second one ends. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { onStopSignals, type StopSignals } from '../../../src/commands/process/stop-signals.ts';
import { ManualClock } from '../../../src/shared/clock.ts';

const opened: StopSignals[] = [];
afterEach(() => {
  for (const stop of opened.splice(0)) stop.forget();
});

function listen() {
  const clock = new ManualClock(0);
  const ended: number[] = [];
  const stop = onStopSignals(clock, (code) => ended.push(code));
  opened.push(stop);
  return { clock, ended, stop };
}

describe('stop signals', () => {
  it('first: resolves with the first signal', async () => {
    const { stop } = listen();
    process.emit('SIGTERM', 'SIGTERM');
    assert.equal(await stop.first, 'SIGTERM');
  });

  it('the same signal within a second counts as one, later it ends the process', () => {
    const { clock, ended } = listen();
    process.emit('SIGINT', 'SIGINT');
    clock.advance(999);
    process.emit('SIGINT', 'SIGINT');
    assert.deepEqual(ended, []);
    clock.advance(1);
    process.emit('SIGINT', 'SIGINT');
    assert.deepEqual(ended, [130]);
  });

  it('another signal ends the process at once', () => {
    const { ended } = listen();
    process.emit('SIGINT', 'SIGINT');
    process.emit('SIGTERM', 'SIGTERM');
    assert.deepEqual(ended, [143]);
  });
});
