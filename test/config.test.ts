/** Settings: their order of sources, bounds and contradictions. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ConfigSources, environmentName, flagName, loadConfig } from '../src/config.ts';

function load(sources: Partial<ConfigSources>) {
  return loadConfig({ flags: {}, environment: {}, ...sources });
}

function configOf(sources: Partial<ConfigSources>) {
  const loaded = load(sources);
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

function problemsOf(sources: Partial<ConfigSources>): readonly string[] {
  const loaded = load(sources);
  assert.ok(!loaded.ok, 'the settings were taken');
  return loaded.problems;
}

describe('config', () => {
  it('loadConfig: the defaults are valid and typed', () => {
    const config = configOf({});
    assert.equal(config['batch.max_rows'], 10_000);
    assert.equal(config['batch.max_age'], 5_000);
    assert.equal(config['rotation.max_bytes'], 128 * 1024 * 1024);
    assert.equal(config['grpc.enabled'], true);
    assert.equal(config['dashboard.bearer_token'], undefined);
    assert.deepEqual(config['dashboard.allowed_hosts'], []);
  });

  it('loadConfig: a flag goes before the environment, the environment before the default', () => {
    const environment = { OTLP_HTTP_PORT: '5000', OTLP_GRPC_PORT: '5001' };
    const config = configOf({ flags: { 'http.port': '6000' }, environment });
    assert.equal(config['http.port'], 6000);
    assert.equal(config['grpc.port'], 5001);
    assert.equal(config['dashboard.port'], 8080);
  });

  it('names: flag and environment follow from the key', () => {
    assert.equal(environmentName('batch.max_rows'), 'OTLP_BATCH_MAX_ROWS');
    assert.equal(flagName('batch.max_rows'), '--batch-max-rows');
  });

  it('loadConfig: every bad value is named at once, with where it came from', () => {
    const problems = problemsOf({
      flags: { 'batch.max_rows': '0', 'batch.max_age': '5' },
      environment: { OTLP_COMPRESSION: 'lz4', OTLP_RING_BYTES: '100000' },
    });
    assert.equal(problems.length, 4);
    assert.match(problems.join('\n'), /--batch-max-rows: "0" must be at least 1/);
    assert.match(problems.join('\n'), /--batch-max-age: "5" needs a unit/);
    assert.match(problems.join('\n'), /OTLP_COMPRESSION: "lz4" must be one of zstd, none/);
    assert.match(problems.join('\n'), /OTLP_RING_BYTES: "100000" must be a power of two/);
  });

  it('loadConfig: an empty value of the environment is a value, and a bad one here', () => {
    assert.match(problemsOf({ environment: { OTLP_OUTPUT_DIR: '' } })[0] ?? '', /OTLP_OUTPUT_DIR/);
  });

  it('loadConfig: contradictions are named with their numbers', () => {
    const ports = problemsOf({ flags: { 'http.port': '4317' } });
    assert.match(ports[0] ?? '', /grpc\.port and http\.port are both 4317/);
    const inflight = problemsOf({ flags: { max_inflight_bytes: '1MiB' } });
    assert.match(inflight[0] ?? '', /1048576.*67108864/);
    const none = problemsOf({ flags: { 'grpc.enabled': 'false', 'http.enabled': 'false' } });
    assert.match(none[0] ?? '', /both false/);
  });

  it('loadConfig: ports may repeat when one listener is off or takes a free port', () => {
    configOf({ flags: { 'http.port': '4317', 'grpc.enabled': 'false' } });
    configOf({ flags: { 'http.port': '0', 'grpc.port': '0', 'dashboard.port': '0' } });
  });

  it('loadConfig: an unknown OTLP_ variable is a warning', () => {
    const loaded = load({ environment: { OTLP_BATCH_MAX_ROW: '5', OTEL_X: '1' } });
    assert.ok(loaded.ok);
    assert.equal(loaded.warnings.length, 1);
    assert.match(loaded.warnings[0] ?? '', /OTLP_BATCH_MAX_ROW /);
  });
});
