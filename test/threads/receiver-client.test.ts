/** The main thread's side of a receiver: its ports, its refusal, its end. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { loadConfig, type SettingKey } from '../../src/config/config.ts';
import { createRequestCounts } from '../../src/ring/request-counts.ts';
import { silentJournal } from '../../src/shared/journal.ts';
import { openReceiverClient } from '../../src/threads/receiver-client.ts';

function open(flags: Partial<Record<SettingKey, string>>) {
  const loaded = loadConfig({ flags, environment: {} });
  assert.ok(loaded.ok);
  const requestCounts = createRequestCounts();
  return openReceiverClient(
    { config: loaded.config, signals: ['traces'], ringIndex: 0, requestCounts, tls: undefined },
    silentJournal,
  );
}

describe('receiver client', () => {
  it('open: tells the ports, null for a listener that is off, and stop ends it', async () => {
    const receiver = await open({ 'grpc.enabled': 'false', 'http.port': '0' });
    assert.equal(receiver.ports.grpc, null);
    const url = `http://127.0.0.1:${receiver.ports.http}/v1/traces`;
    assert.equal((await fetch(url)).status, 405);
    await receiver.stop(1_000);
    await assert.rejects(fetch(url));
  });

  it('open: rejects with one line when a port is in use, and leaves nothing open', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    assert.ok(typeof address === 'object' && address !== null);
    const opening = open({ 'http.port': String(address.port), 'grpc.port': '0' });
    await assert.rejects(opening, /http\.port \d+ on 127\.0\.0\.1 is in use/);
    other.close();
  });
});
