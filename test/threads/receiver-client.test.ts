/** The main thread's side of a receiver: its ports, its refusal, its end. */
import assert from 'node:assert/strict';
import { copyFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadConfig, type SettingKey } from '../../src/config/config.ts';
import { createHeartbeats } from '../../src/ring/heartbeat.ts';
import { createRequestCounts } from '../../src/ring/request-counts.ts';
import { type Journal, silentJournal } from '../../src/shared/journal.ts';
import { openReceiverClient } from '../../src/threads/receiver-client.ts';
import { cleanUp, makeFolder } from '../recorder/recorder-process.ts';

after(cleanUp);

const tls = fileURLToPath(new URL('../../../fixtures/tls/', import.meta.url));

function open(flags: Partial<Record<SettingKey, string>>, journal = silentJournal) {
  const loaded = loadConfig({ flags, environment: {} });
  assert.ok(loaded.ok);
  const requestCounts = createRequestCounts();
  return openReceiverClient(
    {
      ...{ config: loaded.config, signals: ['traces'], ringIndex: 0, requestCounts },
      ...{ heartbeats: createHeartbeats(1), threadIndex: 0 },
    },
    journal,
  );
}

describe('receiver client', () => {
  it('open: has the ports, null for a listener that is off, and stop ends it', async () => {
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

  it('open: rejects with one line if a TLS file cannot be used', async () => {
    const pair = { 'tls.cert_file': `${tls}server.pem`, 'tls.key_file': `${tls}client.key.pem` };
    await assert.rejects(open(pair), /the key does not belong to the certificate/);
  });

  it('reloadTls: writes nothing if no file has changed, and the reason if one is missing', async () => {
    const folder = makeFolder();
    const keyFile = join(folder, 'key.pem');
    copyFileSync(`${tls}server.key.pem`, keyFile);
    const lines: string[] = [];
    const journal: Journal = { write: (level, message) => lines.push(`${level} ${message}`) };
    const ports = { 'grpc.port': '0', 'http.port': '0' };
    const files = { 'tls.cert_file': `${tls}server.pem`, 'tls.key_file': keyFile };
    const receiver = await open({ ...ports, ...files }, journal);
    receiver.reloadTls('SIGHUP');
    assert.deepEqual(lines, []);
    rmSync(keyFile);
    receiver.reloadTls('SIGHUP');
    assert.equal(lines.length, 1);
    assert.match(
      lines[0] ?? '',
      /^error SIGHUP: the TLS certificate stays as it is: tls\.key_file/,
    );
    await receiver.stop(0);
  });
});
