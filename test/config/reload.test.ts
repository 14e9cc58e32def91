/** A changed configuration is applied completely or not at all, and logged. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Config,
  type ConfigSources,
  loadConfig,
  type SettingKey,
} from '../../src/config/config.ts';
import { ConfigReload } from '../../src/config/reload.ts';
import { loadedFrom, sourcesWith } from './loading.ts';

function started(sources: Partial<ConfigSources> = {}) {
  const lines: string[] = [];
  const applied: { config: Config; changed: readonly SettingKey[] }[] = [];
  let next = sourcesWith(sources);
  const reload = new ConfigReload({
    running: loadedFrom(sources),
    load: () => loadConfig(next),
    parts: [{ reconfigure: (config, changed) => applied.push({ config, changed }) }],
    journal: { write: (level, message) => lines.push(`${level} ${message}`) },
  });
  return {
    applied,
    /** Returns the lines that a reload of this file logs. */
    reload: (yaml: string) => {
      next = sourcesWith({ ...sources, yaml });
      reload.reload('SIGHUP');
      return lines.splice(0).map((line) => line.replace(`${next.configFile}:`, ''));
    },
  };
}

describe('reload', () => {
  it('each part gets the whole configuration and the changed keys', () => {
    const { reload, applied } = started();
    assert.deepEqual(reload('rotation: {max_age: 5m}'), ['info SIGHUP: applied: rotation.max_age']);
    assert.equal(applied.length, 1);
    assert.deepEqual(applied[0]?.changed, ['rotation.max_age']);
    assert.equal(applied[0]?.config['rotation.max_age'], 300_000);
    assert.deepEqual(reload('rotation: {max_age: 300s}'), ['info SIGHUP: no setting has changed']);
    assert.equal(applied.length, 1);
  });

  it('a bad file changes nothing and logs each problem', () => {
    const { reload, applied } = started();
    const lines = reload('rotation: {max_age: 5}\nretention: {max_bytes: 1GiB, max_ag: 1d}');
    assert.deepEqual(lines, [
      'error SIGHUP: the configuration stays as it is: 2:30: retention.max_ag is no setting; ' +
        'did you mean retention.max_age?',
      'error SIGHUP: the configuration stays as it is: 1:12: rotation.max_age: 5 needs a unit: ' +
        'ms, s, m, h or d',
    ]);
    assert.deepEqual(applied, []);
    assert.deepEqual(reload('{}'), ['info SIGHUP: no setting has changed']);
  });

  it('a change that needs a restart is logged at each reload and not applied', () => {
    const { reload, applied } = started();
    const yaml = 'http: {port: 5}\nlog: {level: warn}';
    const restart = 'warn SIGHUP: changed, but applied only by a restart: http.port';
    assert.deepEqual(reload(yaml), ['info SIGHUP: applied: log.level', restart]);
    assert.equal(applied[0]?.config['http.port'], 4318);
    assert.deepEqual(reload(yaml), [restart]);
    assert.equal(applied.length, 1);
  });

  it('flags and environment override the file, as at the start', () => {
    const sources = {
      flags: { 'rotation.max_age': '1m' },
      environment: { OTLP_LOG_LEVEL: 'debug' },
    };
    const { reload } = started(sources);
    const lines = reload('rotation: {max_age: 5m, max_bytes: 5}\nlog: {level: error}');
    assert.deepEqual(lines, ['info SIGHUP: applied: rotation.max_bytes']);
  });

  it('log lines never contain a secret', () => {
    const { reload } = started();
    const lines = reload('forwarding: [{name: a, endpoint: "https://x", headers: {a: hush}}]');
    assert.deepEqual(lines, ['info SIGHUP: applied: forwarding']);
  });
});
