/** A running recorder takes up renewed certificates for new connections. */
import assert from 'node:assert/strict';
import { copyFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { cleanUp, makeFolder, startRecorder } from './recorder-process.ts';

const tls = fileURLToPath(new URL('../../../fixtures/tls/', import.meta.url));

/** Many times what it takes to notice a changed file. */
const changeMsMax = 20_000;

after(cleanUp);

function openConnection(port: number, protocol: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const options = {
      port,
      host: '127.0.0.1',
      ALPNProtocols: [protocol],
      rejectUnauthorized: false,
    };
    const socket = connect(options, () => resolve(socket));
    socket.on('error', reject);
  });
}

/** Returns the name in the certificate that a new connection gets. */
async function servedName(port: number, protocol: string): Promise<string> {
  const socket = await openConnection(port, protocol);
  const name = String(socket.getPeerCertificate().subject.CN);
  socket.destroy();
  return name;
}

async function startWithFiles() {
  const folder = makeFolder();
  const files = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  const put = (source: string, target: string) => {
    copyFileSync(`${tls}${source}.pem`, `${target}.tmp`);
    renameSync(`${target}.tmp`, target);
  };
  put('server', files.certificate);
  put('server.key', files.key);
  const flags = ['--tls-cert-file', files.certificate, '--tls-key-file', files.key];
  const recorder = await startRecorder(flags);
  const { http, grpc } = recorder.ports;
  const served = () => Promise.all([servedName(http, 'http/1.1'), servedName(grpc, 'h2')]);
  const until = async (isReached: () => Promise<boolean> | boolean) => {
    for (let waitedMs = 0; !(await isReached()); waitedMs += 50) {
      assert.ok(waitedMs < changeMsMax, recorder.stderr());
      await sleep(50);
    }
  };
  return { recorder, files, put, served, until };
}

describe('certificate rotation', () => {
  it('changed files: new connections get the new certificate, open ones stay', async () => {
    const { recorder, files, put, served, until } = await startWithFiles();
    assert.deepEqual(await served(), ['test server', 'test server']);
    const open = await Promise.all([
      openConnection(recorder.ports.http, 'http/1.1'),
      openConnection(recorder.ports.grpc, 'h2'),
    ]);
    put('renewed-server', files.certificate);
    put('renewed-server.key', files.key);
    await until(async () => (await served()).every((name) => name === 'renewed test server'));
    assert.deepEqual(
      open.map((socket) => socket.readyState),
      ['open', 'open'],
    );
    for (const socket of open) socket.destroy();
    assert.match(recorder.stderr(), /new connections use the new TLS certificate/);
    assert.equal((await recorder.stop()).code, 0);
  });

  it('SIGHUP: a key of another certificate is refused, and the old pair stays', async () => {
    const { recorder, files, put, served, until } = await startWithFiles();
    put('renewed-server', files.certificate);
    recorder.child.kill('SIGHUP');
    await until(() => /SIGHUP: the TLS certificate stays as it is/.test(recorder.stderr()));
    assert.match(recorder.stderr(), /the key does not belong to the certificate/);
    assert.deepEqual(await served(), ['test server', 'test server']);
    put('renewed-server.key', files.key);
    recorder.child.kill('SIGHUP');
    await until(async () => (await served()).every((name) => name === 'renewed test server'));
    assert.equal((await recorder.stop()).code, 0);
  });
});
