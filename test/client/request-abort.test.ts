/** A timeout or a signal that outlives the request aborts it. The request leaves nothing behind. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRequestAbort } from '../../src/client/request-abort.ts';
import { dependentCount } from './dependents.ts';

it('dependentCount: sees signals that AbortSignal.any made', () => {
  const { signal } = new AbortController();
  const made = [AbortSignal.any([signal]), AbortSignal.any([signal])];
  assert.equal(dependentCount(signal), made.length);
});

describe('startRequestAbort', () => {
  it('aborts at the timeout', async () => {
    const abort = startRequestAbort(1);
    while (!abort.signal.aborted) await sleep(1);
    assert.ok(abort.isTimedOut);
  });

  it('aborts with `stop`, also if that is aborted already', () => {
    const stop = new AbortController();
    const abort = startRequestAbort(60_000, stop.signal);
    assert.equal(abort.signal.aborted, false);
    stop.abort();
    const late = startRequestAbort(60_000, stop.signal);
    assert.deepEqual([abort.signal.aborted, late.signal.aborted], [true, true]);
    assert.deepEqual([abort.isTimedOut, late.isTimedOut], [false, false]);
  });

  it('end: neither the timeout nor `stop` aborts any more, and `stop` holds no entry', async () => {
    const stop = new AbortController();
    const abort = startRequestAbort(1, stop.signal);
    assert.equal(dependentCount(stop.signal), 1);
    abort.end();
    assert.equal(dependentCount(stop.signal), 0);
    await sleep(5);
    stop.abort();
    assert.equal(abort.signal.aborted, false);
  });
});
