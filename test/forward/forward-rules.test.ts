/** The rules that follow from the settings of a destination. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { destinations } from '../../src/config/forwarding-settings.ts';
import { forwardRules } from '../../src/forward/forward-rules.ts';

const endpoint = 'http://127.0.0.1:4318';

it('forwardRules: the defaults are those of docs/guide.md', () => {
  const [destination] = destinations.parse([{ name: 'up', endpoint }]);
  assert.deepEqual(forwardRules(destination!), {
    ...{ name: 'up', signals: ['traces', 'metrics', 'logs'], samplingRatio: 1 },
    ...{ concurrency: 4, rateLimit: 0 },
    retry: { initialMs: 100, multiplier: 2, maxMs: 10_000 },
    breaker: { failureCount: 5, resetMs: 30_000, successCount: 2 },
  });
});

it('forwardRules: each setting becomes its rule', () => {
  const given = {
    ...{ name: 'up', endpoint, signals: ['logs'], sampling: { ratio: 0.25 } },
    ...{ concurrency: 9, rate_limit: 50 },
    retry: { initial_delay: '1s', multiplier: 3, max_delay: '1m' },
    breaker: { failures: 2, reset_timeout: '7s', successes: 1 },
  };
  assert.deepEqual(forwardRules(destinations.parse([given])[0]!), {
    ...{ name: 'up', signals: ['logs'], samplingRatio: 0.25, concurrency: 9, rateLimit: 50 },
    retry: { initialMs: 1_000, multiplier: 3, maxMs: 60_000 },
    breaker: { failureCount: 2, resetMs: 7_000, successCount: 1 },
  });
});
