/** Settings that contradict each other, with their values. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findContradictions } from '../../src/config/contradictions.ts';
import type { SettingKey } from '../../src/config/settings.ts';
import { configFrom, problemsFrom } from './loading.ts';

function contradiction(flags: Partial<Record<SettingKey, string>>, yaml?: string): string {
  const problems = problemsFrom({ flags, ...(yaml === undefined ? {} : { yaml }) });
  assert.equal(problems.length, 1, problems.join('\n'));
  return problems[0] ?? '';
}

describe('contradictions', () => {
  it('ports: two listeners on one', () => {
    assert.match(contradiction({ 'http.port': '4317' }), /grpc\.port and http\.port are both 4317/);
    assert.match(contradiction({ 'dashboard.port': '4318' }), /http\.port and dashboard\.port/);
  });

  it('ports: may repeat when one listener is off or takes a free port', () => {
    configFrom({ flags: { 'http.port': '4317', 'grpc.enabled': 'false' } });
    configFrom({ flags: { 'http.port': '0', 'grpc.port': '0', 'dashboard.port': '0' } });
  });

  it('bodies: fewer bytes in flight than a request may have', () => {
    assert.match(contradiction({ max_inflight_bytes: '1MiB' }), /\(1MiB\) is below.*\(64MiB\)/);
  });

  it('receivers: all off', () => {
    const flags = { 'grpc.enabled': 'false', 'http.enabled': 'false' };
    assert.match(contradiction(flags), /both false/);
  });

  it('forwarding: needs a log', () => {
    const yaml = 'forwarding: [{name: a, endpoint: https://x}, {name: b, endpoint: https://x}]';
    const found = contradiction({ durability: 'received' }, yaml);
    assert.match(found, /durability is received and forwarding has 2 destinations/);
  });

  it('tls: a certificate without its key, a key alone, an authority alone', () => {
    assert.match(
      contradiction({ 'tls.cert_file': 'a' }),
      /cert_file is set and tls\.key_file is not/,
    );
    assert.match(
      contradiction({ 'tls.key_file': 'a' }),
      /key_file is set and tls\.cert_file is not/,
    );
    assert.match(contradiction({ 'tls.client_ca_file': 'a' }), /client_ca_file is set/);
  });

  it('findContradictions: a setting that could not be read contradicts nothing', () => {
    assert.deepEqual(findContradictions({ max_inflight_bytes: 1 }), []);
    assert.equal(findContradictions({ max_inflight_bytes: 1, max_request_bytes: 2 }).length, 1);
  });
});
