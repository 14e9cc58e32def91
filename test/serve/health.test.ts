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
  assert.equal(summarizeHealth([check('failing'), check('degraded')]).status, 'failing');
});

it('healthStatusCode: only a recorder that cannot record answers 503', () => {
  const codes = (['ok', 'degraded', 'failing'] as const).map((status) => {
    return healthStatusCode(summarizeHealth([check(status)]));
  });
  assert.deepEqual(codes, [200, 200, 503]);
});
