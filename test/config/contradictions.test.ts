/** Settings that contradict each other are reported with their values and sources. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findContradictions } from '../../src/config/contradictions.ts';
import type { ConfigSources } from '../../src/config/sources.ts';
import { configFrom, problemsFrom } from './loading.ts';

function contradiction(sources: Partial<ConfigSources> & { yaml?: string }): string {
  const problems = problemsFrom(sources);
  assert.equal(problems.length, 1, problems.join('\n'));
  return problems[0] ?? '';
}

describe('contradictions', () => {
  it('ports: two listeners on one, each with the source of its port', () => {
    assert.equal(
      contradiction({ environment: { OTLP_GRPC_PORT: '5' }, yaml: 'log: {}\nhttp:\n  port: 5\n' }),
      'grpc.port (5, environment OTLP_GRPC_PORT) and http.port (5, 3:3) are the same port: ' +
        'change one of them',
    );
    assert.equal(
      contradiction({ flags: { 'dashboard.port': '4318' } }),
      'http.port (4318, default) and dashboard.port (4318, flag --dashboard-port) ' +
        'are the same port: change one of them',
    );
  });

  it('ports: may be equal if one listener is off or both take any free port', () => {
    configFrom({ flags: { 'http.port': '4317', 'grpc.enabled': 'false' } });
    configFrom({ flags: { 'http.port': '0', 'grpc.port': '0', 'dashboard.port': '0' } });
  });

  it('bodies: fewer bytes in flight than a request may have', () => {
    assert.equal(
      contradiction({ flags: { max_inflight_bytes: '1MiB' } }),
      'max_inflight_bytes (1MiB, flag --max-inflight-bytes) is below ' +
        'max_request_bytes (64MiB, default): raise max_inflight_bytes, ' +
        'or the largest requests are never accepted',
    );
  });

  it('receivers: all off', () => {
    assert.equal(
      contradiction({ flags: { 'grpc.enabled': 'false' }, yaml: 'http: {enabled: false}' }),
      'grpc.enabled (false, flag --grpc-enabled) and http.enabled (false, 1:8) ' +
        'leave no receiver: set one of them to true',
    );
  });

  it('forwarding: needs a log', () => {
    const yaml = 'forwarding: [{name: a, endpoint: https://x}, {name: b, endpoint: https://x}]';
    assert.equal(
      contradiction({ flags: { durability: 'received' }, yaml }),
      'durability (received, flag --durability) writes no log, and ' +
        'forwarding (2 destinations, 1:1) needs one: set durability to logged or synced',
    );
  });

  it('tls: a certificate without its key, a key alone, an authority alone', () => {
    const names = [
      ['cert', 'key'],
      ['key', 'cert'],
      ['client_ca', 'cert'],
    ] as const;
    for (const [name, needed] of names) {
      const flag = `--tls-${name.replace('_', '-')}-file`;
      assert.equal(
        contradiction({ flags: { [`tls.${name}_file`]: 'a' } }),
        `tls.${name}_file (a, flag ${flag}) needs tls.${needed}_file (not set, default): ` +
          'set both, or neither',
      );
    }
  });

  it('findContradictions: a setting that could not be read contradicts nothing', () => {
    assert.deepEqual(findContradictions({ max_inflight_bytes: 1 }, {}), []);
  });
});
