/** The effective configuration: values and their sources. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { effectiveEntries, writtenValue } from '../../src/config/effective.ts';
import { settingKeys, settings } from '../../src/config/settings.ts';
import { loadedFrom } from './loading.ts';

function entriesOf(sources: Parameters<typeof loadedFrom>[0]) {
  const { config, given } = loadedFrom(sources);
  return new Map(effectiveEntries(config, given).map((entry) => [entry.key, entry]));
}

describe('effective configuration', () => {
  it('effectiveEntries: values are written as in the file, null if there is none', () => {
    const entries = entriesOf({
      flags: { 'batch.max_age': '1500ms', 'batch.max_bytes': '1048576' },
    });
    assert.equal(entries.get('batch.max_age')?.value, '1500ms');
    assert.equal(entries.get('batch.max_bytes')?.value, '1MiB');
    assert.equal(entries.get('batch.max_rows')?.value, 10_000);
    assert.equal(entries.get('grpc.enabled')?.value, true);
    assert.equal(entries.get('rotation.schedule')?.value, null);
    assert.deepEqual(entries.get('forwarding')?.value, []);
    assert.equal(entries.size, settingKeys.length);
  });

  it('writtenValue: reading it back gives the same value', () => {
    const yaml = `
retention: {traces: {max_age: 36h}}
auth: {basic: ["a:b,c"]}
forwarding:
  - {name: a, endpoint: "https://x", rate_limit: 5, auth: {type: basic, username: u, password: p}}
`;
    const { config } = loadedFrom({ yaml });
    for (const key of settingKeys) {
      const again = settings[key].schema.parse(writtenValue(key, config[key]));
      assert.deepEqual(again, config[key], key);
    }
  });

  it('effectiveEntries: each entry of a destination has its own source', () => {
    const yaml = 'forwarding: [{name: a, endpoint: "https://x", retry: {max_delay: 20s}}]';
    const entries = entriesOf({ yaml });
    assert.equal(entries.get('forwarding[0].retry.max_delay')?.value, '20s');
    assert.match(entries.get('forwarding[0].retry.max_delay')?.source ?? '', /\.yaml$/);
    assert.equal(entries.get('forwarding[0].timeout')?.value, '10s');
    assert.equal(entries.get('forwarding[0].timeout')?.source, 'default');
    assert.deepEqual(entries.get('forwarding[0].signals')?.value, ['traces', 'metrics', 'logs']);
    assert.equal(entries.get('forwarding[0].auth')?.value, 'none');
    assert.ok(!entries.has('forwarding'));
  });

  it('effectiveEntries: secrets of all sources are hidden', () => {
    const entries = entriesOf({
      flags: { 'dashboard.bearer_token': 'hush' },
      environment: { OTLP_AUTH_BASIC: 'me:hush', TOKEN: 'hush' },
      yaml: `
auth: {bearer_tokens: ["\${env:TOKEN}"]}
forwarding:
  - {name: a, endpoint: "https://x", headers: {x-key: hush}, auth: {type: api_key, value: hush}}
  - {name: b, endpoint: "https://x", auth: {type: bearer_token, token: "\${env:TOKEN}"}}
  - {name: c, endpoint: "https://x", auth: {type: basic, username: me, password: hush}}
`,
    });
    assert.ok(!JSON.stringify([...entries]).includes('hush'));
    const hidden = [...entries.values()].filter(({ value }) => value === '***');
    assert.equal(hidden.length, 7);
    assert.equal(entries.get('forwarding[2].auth.username')?.value, 'me');
  });
});
