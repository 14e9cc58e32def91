/** Each preset is valid and has the values that the README lists. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { presets } from '../../src/config/presets.ts';
import { configFrom } from './loading.ts';

it('presets: low_latency and high_throughput, each valid; balanced is the default', () => {
  const fast = configFrom({ flags: { preset: 'low_latency' } });
  assert.deepEqual([fast['batch.max_rows'], fast['batch.max_age']], [1_000, 1_000]);
  const wide = configFrom({ flags: { preset: 'high_throughput' } });
  assert.deepEqual([wide['batch.max_rows'], wide['batch.max_age']], [50_000, 10_000]);
  assert.ok(wide['ring.bytes'] > fast['ring.bytes']);
  assert.deepEqual(configFrom({ flags: { preset: 'balanced' } }), configFrom({}));
  assert.deepEqual(presets.balanced, {});
});
