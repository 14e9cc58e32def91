/** A changed configuration is taken up whole or not at all, and said. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Config,
  type ConfigSources,
  loadConfig,
  type SettingKey,
} from '../../src/config/config.ts';
import { ConfigReload } from '../../src/config/reload.ts';
import { configFrom, sourcesWith } from './loading.ts';

function started(sources: Partial<ConfigSources> = {}) {
  const lines: string[] = [];
  const taken: { config: Config; changed: readonly SettingKey[] }[] = [];
  let next = sourcesWith(sources);
  const reload = new ConfigReload({
    running: configFrom(sources),
    load: () => loadConfig(next),
    parts: [{ reconfigure: (config, changed) => taken.push({ config, changed }) }],
    journal: { write: (level, message) => lines.push(`${level} ${message}`) },
  });
  return {
    taken,
    /** The lines that a reload of this file writes. */
    reload: (yaml: string) => {
      next = sourcesWith({ ...sources, yaml });
      reload.reload('SIGHUP');
      return lines.splice(0).map((line) => line.replace(`${next.configFile}:`, ''));
    },
  };
}

describe('reload', () => {
  it('hands the whole configuration and the changed keys to each part', () => {
    const { reload, taken } = started();
    assert.deepEqual(reload('rotation: {max_age: 5m}'), [
      'info SIGHUP: taken up: rotation.max_age',
    ]);
    assert.equal(taken.length, 1);
    assert.deepEqual(taken[0]?.changed, ['rotation.max_age']);
    assert.equal(taken[0]?.config['rotation.max_age'], 300_000);
    assert.deepEqual(reload('rotation: {max_age: 300s}'), ['info SIGHUP: no setting has changed']);
    assert.equal(taken.length, 1);
  });

  it('a bad file changes nothing and says why, one line each', () => {
    const { reload, taken } = started();
    const lines = reload('rotation: {max_age: 5}\nretention: {max_bytes: 1GiB, max_ag: 1d}');
    assert.deepEqual(lines, [
      'error SIGHUP: the configuration stays as it is: 2:30: retention.max_ag is no setting; ' +
        'did you mean retention.max_age?',
      'error SIGHUP: the configuration stays as it is: 1:12: rotation.max_age: 5 needs a unit: ' +
        'ms, s, m, h or d',
    ]);
    assert.deepEqual(taken, []);
    assert.deepEqual(reload('{}'), ['info SIGHUP: no setting has changed']);
  });

  it('a change that needs a restart is named, again and again, and not taken up', () => {
    const { reload, taken } = started();
    const yaml = 'http: {port: 5}\nlog: {level: warn}';
    const restart = 'warn SIGHUP: changed, and taken up by a restart only: http.port';
    assert.deepEqual(reload(yaml), ['info SIGHUP: taken up: log.level', restart]);
    assert.equal(taken[0]?.config['http.port'], 4318);
    assert.deepEqual(reload(yaml), [restart]);
    assert.equal(taken.length, 1);
  });

  it('flags and environment go before the file as they did at the start', () => {
    const sources = {
      flags: { 'rotation.max_age': '1m' },
      environment: { OTLP_LOG_LEVEL: 'debug' },
    };
    const { reload } = started(sources);
    const lines = reload('rotation: {max_age: 5m, max_bytes: 5}\nlog: {level: error}');
    assert.deepEqual(lines, ['info SIGHUP: taken up: rotation.max_bytes']);
  });

  it('no secret is in a line', () => {
    const { reload } = started();
    const lines = reload('forwarding: [{name: a, endpoint: "https://x", headers: {a: hush}}]');
    assert.deepEqual(lines, ['info SIGHUP: taken up: forwarding']);
  });
});
