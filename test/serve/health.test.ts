/** Health is the worst of its checks. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { healthStatusCode, summarizeHealth } from '../../src/serve/health.ts';
import type { HealthCheck } from '../../src/serve/recorder-view.ts';

const check = (status: HealthCheck['status']): HealthCheck => ({
  name: status,
  status,
  detail: '',
});

it('summarizeHealth: the status is that of the worst check', () => {
  assert.equal(summarizeHealth([]).status, 'ok');
  assert.equal(summarizeHealth([check('ok'), check('degraded')]).status, 'degraded');
  assert.equal(summarizeHealth([check('starting'), check('degraded')]).status, 'starting');
  assert.equal(summarizeHealth([check('failing'), check('starting')]).status, 'failing');
});

it('healthStatusCode: a recorder that does not record answers 503', () => {
  const codes = (['ok', 'degraded', 'starting', 'failing'] as const).map((status) => {
    return healthStatusCode(summarizeHealth([check(status)]));
  });
  assert.deepEqual(codes, [200, 200, 503, 503]);
});

it('summarizeHealth: a recorder that starts has the bytes of its recovery', () => {
  const recovery = { doneBytes: 3, totalBytes: 10 };
  const starting = summarizeHealth([check('starting')], recovery);
  assert.deepEqual(starting.recovery, { bytes_done: 3, bytes_to_do: 7 });
  assert.equal(summarizeHealth([check('ok')], recovery).recovery, undefined);
});
