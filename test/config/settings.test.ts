/** The schema of all settings: names, bounds, and which of them can be reloaded. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  environmentName,
  flagKeys,
  flagName,
  isReloadable,
  type SettingKey,
  settingKeys,
  settings,
} from '../../src/config/settings.ts';

function accepts(key: SettingKey, value: unknown): boolean {
  return settings[key].schema.safeParse(value).success;
}

describe('settings', () => {
  it('names: flag and environment follow from the key', () => {
    assert.equal(environmentName('batch.max_rows'), 'OTLP_BATCH_MAX_ROWS');
    assert.equal(environmentName('retention.traces.max_age'), 'OTLP_RETENTION_TRACES_MAX_AGE');
    assert.equal(flagName('batch.max_rows'), '--batch-max-rows');
    assert.ok(!flagKeys.includes('forwarding' as never));
    assert.equal(flagKeys.length, settingKeys.length - 1);
  });

  it('every default is valid', () => {
    for (const key of settingKeys) assert.ok(accepts(key, settings[key].default), key);
  });

  it('0 is accepted where it turns something off, and refused elsewhere', () => {
    const off: SettingKey[] = [
      ...(['rotation.max_bytes', 'rotation.max_age'] as const),
      ...(['retention.max_age', 'retention.traces.max_age', 'retention.metrics.max_age'] as const),
      ...(['retention.logs.max_age', 'retention.max_bytes', 'retention.min_free_bytes'] as const),
      ...(['grpc.port', 'http.port', 'dashboard.port'] as const),
    ];
    const refused: SettingKey[] = [
      ...(['batch.max_rows', 'batch.max_bytes', 'batch.max_age', 'max_request_bytes'] as const),
      ...(['max_inflight_bytes', 'wal.max_bytes', 'ring.bytes', 'receivers', 'lanes'] as const),
    ];
    for (const value of [0, '0']) {
      for (const key of off) assert.ok(accepts(key, value), key);
      for (const key of refused) assert.ok(!accepts(key, value), key);
    }
  });

  it('lists: in YAML or as texts with commas; their items are checked', () => {
    const { schema } = settings['http.cors_origins'];
    assert.deepEqual(schema.parse('https://a, http://b:1'), ['https://a', 'http://b:1']);
    assert.deepEqual(schema.parse(['*']), ['*']);
    for (const bad of ['a.example', 'https://a/', ['https://a', 'b'], 5]) {
      assert.ok(!accepts('http.cors_origins', bad), String(bad));
    }
    assert.ok(accepts('auth.basic', ['me:pass,word:x']));
    assert.ok(!accepts('auth.basic', 'me'));
    assert.ok(!accepts('auth.bearer_tokens', 'a b'));
  });

  it('isReloadable: rotation, retention, forwarding and the log level', () => {
    const sections = new Set(settingKeys.filter(isReloadable).map((key) => key.split('.')[0]));
    assert.deepEqual([...sections], ['rotation', 'retention', 'forwarding', 'log']);
  });
});
