/** Shows what the configuration says of the archive. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { loadConfig, type SettingKey } from '../../src/config/config.ts';
import { retentionSettingsOf } from '../../src/recorder/retention-settings.ts';

const dayMs = 86_400_000;

function settingsOf(flags: Partial<Record<SettingKey, string>>) {
  const loaded = loadConfig({ flags, environment: {} });
  assert.ok(loaded.ok);
  return retentionSettingsOf(loaded.config);
}

it('retentionSettingsOf: defaults are those of the interface', () => {
  assert.deepEqual(settingsOf({}), {
    limits: {
      ageMaxMs: { traces: 7 * dayMs, metrics: 7 * dayMs, logs: 7 * dayMs },
      bytesMax: 10 * 1024 ** 3,
      freeBytesMin: 1024 ** 3,
    },
    sweepSchedule: '* * * * *',
    rotationSchedule: undefined,
  });
});

it('retentionSettingsOf: a signal may have an age of its own, 0 too', () => {
  const { limits, rotationSchedule } = settingsOf({
    'retention.max_age': '2d',
    'retention.traces.max_age': '1d',
    'retention.logs.max_age': '0',
    'rotation.schedule': '0 * * * *',
  });
  assert.deepEqual(limits.ageMaxMs, { traces: dayMs, metrics: 2 * dayMs, logs: 0 });
  assert.equal(rotationSchedule, '0 * * * *');
});
