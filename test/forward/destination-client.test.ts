/** The settings of a destination as its server sees them, and the masking of secrets. */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { destinations, type ForwardingDestination } from '../../src/config/forwarding-settings.ts';
import { nodeStorage } from '../../src/disk/storage.ts';
import { DestinationClient } from '../../src/forward/destination-client.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import {
  type FakeDestination,
  openFakeDestination,
  type Reply,
  unusedPort,
} from '../client/fake-destination.ts';
import { temporaryFolders } from '../disk/temporary-folder.ts';

const newFolder = temporaryFolders();
const fixtures = fileURLToPath(new URL('../../../fixtures/tls/', import.meta.url));
const authority = `${fixtures}authority.pem`;
const body = Buffer.from([0x0a, 0x00]);
const never = new AbortController().signal;
const opened: { close(): void | Promise<void> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

async function openFake(protocol: 'http' | 'grpc', replies: readonly Reply[] = []) {
  const fake = await openFakeDestination(protocol, { replies });
  opened.push(fake);
  return fake;
}

function settingsOf(given: object): ForwardingDestination {
  return destinations.parse([{ name: 'up', endpoint: 'http://127.0.0.1:9', ...given }])[0]!;
}

function openClient(given: object, fake?: FakeDestination) {
  const clock = new ManualClock(Date.now());
  const faults: string[] = [];
  const endpoint = fake && { endpoint: `http://127.0.0.1:${fake.port}` };
  const client = new DestinationClient({
    destination: settingsOf({ ...endpoint, ...given }),
    storage: nodeStorage,
    clock,
    sleep: async (ms) => {
      await turn();
      clock.advance(ms);
    },
    onFault: (reason) => faults.push(reason),
  });
  opened.push(client);
  return { client, faults };
}

describe('DestinationClient', () => {
  for (const protocol of ['http', 'grpc'] as const) {
    it(`${protocol}: headers and credentials are sent with each request`, async () => {
      const headers = { 'x-team': 'shop' };
      for (const [auth, name, value] of [
        ['none', 'authorization', undefined],
        [{ type: 'bearer_token', token: 'secret-1' }, 'authorization', 'Bearer secret-1'],
        [{ type: 'basic', username: 'u', password: 'p:ß' }, 'authorization', 'Basic dTpwOsOf'],
        [{ type: 'api_key', value: 'key-123' }, 'x-api-key', 'key-123'],
      ] as const) {
        const fake = await openFake(protocol);
        const given = { auth, headers, protocol: protocol === 'grpc' ? 'grpc' : 'http/protobuf' };
        const { client } = openClient(given, fake);
        assert.equal((await client.send('traces', body, never)).verdict, 'accepted');
        const [received] = fake.received;
        assert.equal(received?.headers[name], value);
        assert.equal(received?.headers['x-team'], 'shop');
      }
    });
  }

  it('a server that repeats a secret: the secret is masked in the answer', async () => {
    const text = 'no team with key-123456 and shop-7; Basic dXNlcjpwYXNzd29yZA== is user:password';
    const replies: Reply[] = [{ status: 401, body: text }];
    const headers = { 'x-key': 'key-123456', 'x-team': 'shop' };
    const fake = await openFake('http', replies);
    const auth = { type: 'basic', username: 'user', password: 'password' };
    const { client } = openClient({ auth, headers }, fake);
    const { message } = await client.send('logs', body, never);
    assert.equal(message, 'HTTP 401 no team with *** and shop-7; Basic *** is user:***');
  });

  it('a missing TLS file: is tried every second, and reported each time', async () => {
    const ca_file = join(newFolder(), 'ca.pem');
    const { client, faults } = openClient({ endpoint: 'https://127.0.0.1:9', tls: { ca_file } });
    assert.match(client.fault ?? '', /tls.ca_file: there is no file/);
    assert.equal((await client.send('traces', body, never)).verdict, 'unavailable');
    const ready = client.ready(never);
    while (faults.length < 3) await turn();
    copyFileSync(authority, ca_file);
    await ready;
    assert.equal(client.fault, undefined);
  });

  it('a missing TLS file: a stop ends the wait', async () => {
    const tls = { ca_file: join(newFolder(), 'ca.pem') };
    const { client } = openClient({ endpoint: 'https://127.0.0.1:9', tls });
    const stop = new AbortController();
    const ready = client.ready(stop.signal);
    stop.abort();
    await ready;
    assert.ok(client.fault !== undefined);
  });

  for (const protocol of ['http', 'grpc'] as const) {
    it(`${protocol}: renewed TLS files are used for new connections`, async () => {
      const { client, put, serve } = await openSecure(protocol);
      const first = await serve('server', 'authority');
      assert.equal((await client.send('traces', body, never)).verdict, 'accepted');
      assert.deepEqual(client.reloadTls(), { kind: 'unchanged' });
      await first.close();
      await serve('renewed-server', 'renewed-authority', first.port);
      assert.equal((await client.send('traces', body, never)).verdict, 'unavailable');
      put('renewed-authority', 'renewed-client', 'renewed-client.key');
      assert.deepEqual(client.reloadTls(), { kind: 'renewed' });
      assert.equal((await client.send('traces', body, never)).verdict, 'accepted');
    });

    it(`${protocol}: a request in flight ends on its connection when TLS files are renewed`, async () => {
      const { client, put, serve } = await openSecure(protocol);
      const fake = await serve('server', 'authority', undefined, ['hang']);
      const stop = new AbortController();
      const sent = client.send('traces', body, stop.signal);
      let hasEnded = false;
      void sent.then(() => {
        hasEnded = true;
      });
      while (fake.received.length === 0) await new Promise((done) => setTimeout(done, 5));
      put('renewed-authority', 'renewed-client', 'renewed-client.key');
      assert.deepEqual(client.reloadTls(), { kind: 'renewed' });
      await new Promise((done) => setTimeout(done, 50));
      assert.equal(hasEnded, false);
      stop.abort();
      assert.equal((await sent).verdict, 'unavailable');
    });
  }

  it('TLS files that do not fit: refused with the reason, and the old ones stay', async () => {
    const { client, put, serve } = await openSecure('http');
    await serve('server', 'authority');
    put('authority', 'renewed-client', 'client.key');
    const reload = client.reloadTls();
    assert.ok(reload.kind === 'refused');
    assert.match(
      reload.reason,
      /^tls\.ca_file \S+, .*: the key does not belong to the certificate; /,
    );
    assert.equal((await client.send('traces', body, never)).verdict, 'accepted');
    put('authority', 'renewed-client', 'renewed-client.key');
    assert.deepEqual(client.reloadTls(), { kind: 'renewed' });
  });

  it('TLS files that do not fit at the start: nothing is sent until they do', async () => {
    const { faults, client, put } = await openSecure('http', 'server.key');
    assert.match(client.fault ?? '', /the key does not belong to the certificate/);
    put('authority', 'client', 'client.key');
    await client.ready(never);
    assert.deepEqual([client.fault, faults.length], [undefined, 1]);
  });
});

/** A client whose TLS files can be replaced, and servers that demand a client certificate. */
async function openSecure(protocol: 'http' | 'grpc', key = 'client.key') {
  const folder = newFolder();
  const put = (authority: string, certificate: string, keyName: string) => {
    copyFileSync(`${fixtures}${authority}.pem`, join(folder, 'ca'));
    copyFileSync(`${fixtures}${certificate}.pem`, join(folder, 'cert'));
    copyFileSync(`${fixtures}${keyName}.pem`, join(folder, 'key'));
  };
  put('authority', 'client', key);
  const port = await unusedPort();
  const [ca_file, cert_file, key_file] = ['ca', 'cert', 'key'].map((name) => join(folder, name));
  const given = {
    endpoint: `https://127.0.0.1:${port}`,
    protocol: protocol === 'grpc' ? 'grpc' : 'http/protobuf',
    timeout: '5s',
    tls: { ca_file, cert_file, key_file },
  };
  const pem = (name: string) => readFileSync(`${fixtures}${name}.pem`);
  const serve = async (
    name: string,
    authority: string,
    at = port,
    replies: readonly Reply[] = [],
  ) => {
    const pair = { cert: pem(name), key: pem(`${name}.key`), clientAuthority: pem(authority) };
    const fake = await openFakeDestination(protocol, { tls: pair, port: at, replies });
    opened.push(fake);
    return fake;
  };
  return { ...openClient(given), put, serve };
}
