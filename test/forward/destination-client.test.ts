/** The settings of a destination as its server sees them, and the masking of secrets. */
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
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
} from '../client/fake-destination.ts';
import { temporaryFolders } from '../disk/temporary-folder.ts';

const newFolder = temporaryFolders();
const authority = fileURLToPath(new URL('../../../fixtures/tls/authority.pem', import.meta.url));
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
});
