/** Destinations are added, changed and removed while a recorder runs, without lost requests. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { unusedPort } from '../client/fake-destination.ts';
import { cleanUp, makeFolder, type RecorderProcess } from '../recorder/recorder-process.ts';
import {
  arrived,
  ConfigFile,
  closeDestinations,
  cursorFiles,
  type DestinationEntry,
  health,
  idsOf,
  metric,
  openDestination,
  post,
  postAll,
  range,
  startForwarding,
  until,
} from './scene.ts';

after(closeDestinations);
after(cleanUp);

const tlsFolder = fileURLToPath(new URL('../../../fixtures/tls/', import.meta.url));

/** Writes the file and waits until the recorder has applied it. */
async function reload(
  recorder: RecorderProcess,
  file: ConfigFile,
  entries: readonly DestinationEntry[],
): Promise<void> {
  const count = () => recorder.stderr().split('applied: forwarding').length;
  const before = count();
  file.write(entries);
  await until('the recorder takes up its file', () => count() > before);
}

describe('forwarding: reload', () => {
  it('one destination is added, one gets another address, one is removed and added again', async () => {
    const [first, second, added] = await Promise.all([1, 2, 3].map(() => openDestination()));
    const [up, more] = [{ port: first!.port }, { name: 'more', port: added!.port }];
    const file = new ConfigFile([up]);
    const recorder = await startForwarding(file);
    await postAll(recorder, 'traces', range(0, 5));
    await arrived(first!, range(0, 5));

    await reload(recorder, file, [up, more]);
    await postAll(recorder, 'traces', range(5, 5));
    await arrived(added!, range(5, 5));
    await arrived(first!, range(0, 10));

    await reload(recorder, file, [{ port: second!.port }, more]);
    await postAll(recorder, 'traces', range(10, 5));
    await arrived(second!, range(10, 5));

    await reload(recorder, file, [more]);
    await postAll(recorder, 'traces', range(15, 5));
    await arrived(added!, range(5, 15));
    assert.ok(Number.isNaN(await metric(recorder, 'lag_requests', 'up')));

    await reload(recorder, file, [{ port: second!.port }, more]);
    await arrived(second!, range(10, 10));
    await recorder.stop();
    assert.deepEqual(idsOf(first!).toSorted(), range(0, 10).toSorted());
    assert.deepEqual(idsOf(second!).toSorted(), range(10, 10).toSorted());
    assert.deepEqual(idsOf(added!).toSorted(), range(5, 15).toSorted());
    assert.deepEqual(cursorFiles(recorder.outputDir), ['more.cursor', 'up.cursor']);
  });

  it('one that hangs is replaced: the new one starts at once, at its position', async () => {
    const [hanging, other] = [await openDestination(), await openDestination()];
    hanging.script.otherwise = 'hang';
    const file = new ConfigFile([{ port: hanging.port }]);
    const recorder = await startForwarding(file);
    await post(recorder, 'logs', 0);
    await until('a request hangs', () => hanging.received.length === 1);
    await reload(recorder, file, [{ name: 'other', port: other.port }]);
    await post(recorder, 'logs', 1);
    const startMs = performance.now();
    await arrived(other, [1]);
    assert.ok(performance.now() - startMs < 4_000, 'it waited for the one that hangs');
    await recorder.stop();
    assert.deepEqual(idsOf(other), [1]);
  });

  it('a signal that is added later: is sent from then on', async () => {
    const destination = await openDestination();
    const entry = { port: destination.port, signals: ['traces'] };
    const file = new ConfigFile([entry]);
    const recorder = await startForwarding(file);
    for (const id of range(0, 3)) {
      await post(recorder, 'logs', id);
      await post(recorder, 'traces', id);
    }
    await arrived(destination, range(0, 3));
    await reload(recorder, file, [{ ...entry, signals: ['traces', 'logs'] }]);
    await post(recorder, 'logs', 3);
    await arrived(destination, [3], 'logs');
    await recorder.stop();
    assert.deepEqual(idsOf(destination, 'logs'), [3]);
    assert.deepEqual(idsOf(destination, 'traces'), range(0, 3));
  });
});

describe('forwarding: a destination that cannot start', () => {
  it('a TLS file is missing: it starts when the file is there, and nothing is lost', async () => {
    const pem = (name: string) => readFileSync(join(tlsFolder, `${name}.pem`));
    const tls = { cert: pem('server'), key: pem('server.key') };
    const destination = await openDestination('http', { tls });
    const ca_file = join(makeFolder(), 'authority.pem');
    const endpoint = `https://localhost:${destination.port}`;
    const recorder = await startForwarding([{ port: 0, endpoint, tls: { ca_file } }]);
    await postAll(recorder, 'metrics', range(0, 3));
    await until('health says why', async () => {
      const { status, text } = await health(recorder);
      return status === 'degraded' && text.includes(`there is no file ${ca_file}`);
    });
    assert.equal(await metric(recorder, 'lag_requests'), 3);
    copyFileSync(join(tlsFolder, 'authority.pem'), ca_file);
    await arrived(destination, range(0, 3));
    await until('it is well', async () => (await health(recorder)).status === 'ok');
    await recorder.stop();
    const said = recorder.stderr().split('forwarding up: cannot start').length - 1;
    assert.equal(said, 1);
  });

  it('TLS files are renewed while it runs: new connections use them', async () => {
    const pem = (name: string) => readFileSync(join(tlsFolder, `${name}.pem`));
    const pair = (name: string) => ({ cert: pem(name), key: pem(`${name}.key`) });
    const first = await openDestination('http', { tls: pair('server') });
    const { port } = first;
    const ca_file = join(makeFolder(), 'authority.pem');
    copyFileSync(join(tlsFolder, 'authority.pem'), ca_file);
    const endpoint = `https://localhost:${port}`;
    const recorder = await startForwarding([{ port: 0, endpoint, tls: { ca_file } }]);
    await postAll(recorder, 'traces', range(0, 2));
    await arrived(first, range(0, 2));
    await first.close();
    const second = await openDestination('http', { tls: pair('renewed-server'), port });
    await postAll(recorder, 'traces', range(2, 2));
    copyFileSync(join(tlsFolder, 'renewed-authority.pem'), ca_file);
    await arrived(second, range(2, 2));
    await recorder.stop();
    const line = /forwarding up: a certificate file has changed: new connections use the new TLS/;
    assert.match(recorder.stderr(), line);
  });

  it('its cursor file is deleted while it runs: it is saved again, and the next start continues', async () => {
    const port = await unusedPort();
    const recorder = await startForwarding([{ port }]);
    await postAll(recorder, 'traces', range(0, 3));
    const folder = join(recorder.outputDir, '.archer', 'forwarding');
    rmSync(folder, { recursive: true });
    await until('the cursor is there again', () => {
      try {
        return cursorFiles(recorder.outputDir).includes('up.cursor');
      } catch {
        return false;
      }
    });
    await recorder.stop('SIGKILL');
    const again = await startForwarding([{ port }], [], recorder.outputDir);
    const destination = await openDestination('http', { port });
    await arrived(destination, range(0, 3));
    await again.stop();
  });
});

describe('forwarding: secrets', () => {
  it('no secret is logged, even if a destination repeats it', async () => {
    const token = 'tok-5f1e7c';
    const header = 'hdr-9a8b7c';
    const destination = await openDestination();
    const echo = { status: 403, body: `token ${token} and key ${header} may not write` };
    destination.script.otherwise = echo;
    const auth = { type: 'bearer_token', token: `\${env:FORWARD_TOKEN}` };
    const entry = { port: destination.port, auth, headers: { 'x-key': header } };
    const environment = { FORWARD_TOKEN: token };
    const flags = ['--log-level', 'debug'];
    const recorder = await startForwarding([entry], flags, undefined, environment);
    await postAll(recorder, 'traces', range(0, 6));
    await until('health is degraded', async () => (await health(recorder)).status === 'degraded');
    const { text } = await health(recorder);
    const scrape = await fetch(`http://127.0.0.1:${recorder.ports.dashboard}/metrics`);
    const metrics = await scrape.text();
    await recorder.stop();
    assert.equal(destination.received[0]?.headers.authorization, `Bearer ${token}`);
    assert.match(recorder.stderr(), /token \*\*\* and key \*\*\* may not write/);
    for (const shown of [recorder.stderr(), text, metrics]) {
      for (const secret of [token, header]) assert.ok(!shown.includes(secret), shown);
    }
  });
});
