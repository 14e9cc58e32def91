import assert from 'node:assert/strict';
import { it } from 'node:test';
import { dashboardErrors, otlpErrors } from '../../../src/shared/errors/request-errors.ts';
import { problem } from '../../../src/shared/errors.ts';

it('OTLP errors: only a recorder without room or without a disk asks for a retry', () => {
  const retryable = Object.entries(otlpErrors).filter(([, { retry }]) => retry !== false);
  const codes = retryable.map(([code]) => code);
  assert.deepEqual(codes, ['ERR_ARCHER_INTAKE_FULL', 'ERR_ARCHER_UNAVAILABLE']);
});

it('dashboard errors: an unknown route is answered with those that exist', () => {
  const { message } = problem('ERR_ARCHER_ROUTE_UNKNOWN', { method: 'GET', path: '/x' });
  assert.match(message, /^There is no GET \/x here\. Use GET \/health/);
  assert.equal(dashboardErrors.ERR_ARCHER_ROUTE_UNKNOWN.retry, false);
});
