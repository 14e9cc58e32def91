/**
 * Tests what all protocols share: whatever a destination does, the client gets a result in time.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { OtlpClient, OtlpClientOptions } from '../../src/client/client-port.ts';
import { openOtlpClient } from '../../src/client/otlp-client.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { responseType } from '../../src/shared/otlp-messages.ts';
import { protocols } from '../../src/shared/otlp-protocol.ts';
import { signals } from '../../src/shared/signal.ts';
import { dependentCount } from './dependents.ts';
import {
  type FakeDestination,
  type FakeOptions,
  openFakeDestination,
  type Reply,
  unusedPort,
} from './fake-destination.ts';
import { openClient } from './open-client.ts';

const tlsFolder = fileURLToPath(new URL('../../../fixtures/tls/', import.meta.url));
const pem = (name: string) => readFileSync(`${tlsFolder}${name}.pem`);
const authorities = pem('authority');
const serverPair = { cert: pem('server'), key: pem('server.key') };
const clientPair = { certificate: pem('client'), key: pem('client.key') };

const body = Buffer.from('not looked into by these destinations');
const accepted = { verdict: 'accepted', rejectedItems: 0, message: '' };

const opened: { close(): unknown }[] = [];
after(async () => {
  for (const each of opened) await each.close();
});

for (const protocol of protocols) {
  const transport = protocol === 'grpc' ? 'grpc' : 'http';

  async function openPair(
    destinationOptions: FakeOptions = {},
    clientOptions: Partial<OtlpClientOptions> = {},
  ): Promise<{ destination: FakeDestination; client: OtlpClient }> {
    const destination = await openFakeDestination(transport, destinationOptions);
    const client = openClient(protocol, destination.port, clientOptions);
    opened.push(client, destination);
    return { destination, client };
  }

  async function answerTo(...replies: readonly Reply[]) {
    const { client } = await openPair({ replies }, { timeoutMs: 150 });
    return client.send('traces', body);
  }

  describe(`otlp-client over ${protocol}`, () => {
    it('sends each signal where it belongs, with the bytes as they are', async () => {
      const { destination, client } = await openPair();
      for (const signal of signals) assert.deepEqual(await client.send(signal, body), accepted);
      const received = destination.received.map((request) => [request.signal, request.body]);
      assert.deepEqual(
        received,
        signals.map((signal) => [signal, body]),
      );
    });

    it('sends its name and the given headers', async () => {
      const headers = { 'X-Team': 'shop', Authorization: 'Bearer secret' };
      const { destination, client } = await openPair({}, { headers });
      await client.send('traces', body);
      const [request] = destination.received;
      assert.match(request?.headers['user-agent'] ?? '', /^archer-test/);
      assert.equal(request?.headers['x-team'], 'shop');
      assert.equal(request?.headers.authorization, 'Bearer secret');
    });

    it('gzip: a large body is compressed', async () => {
      const { destination, client } = await openPair({}, { compression: 'gzip' });
      const large = Buffer.alloc(5_000, 'x');
      await client.send('traces', large);
      const [request] = destination.received;
      const name = protocol === 'grpc' ? 'grpc-encoding' : 'content-encoding';
      assert.equal(request?.headers[name], 'gzip');
      assert.deepEqual(request?.body, large);
    });

    it('an empty body is sent, too', async () => {
      const { destination, client } = await openPair({}, { compression: 'gzip' });
      assert.deepEqual(await client.send('logs', Buffer.alloc(0)), accepted);
      assert.equal(destination.received[0]?.body.length, 0);
    });

    it('a partial success says how many were rejected', async () => {
      const partialSuccess = { rejectedLogRecords: 3, errorMessage: 'too old' };
      const bytes = responseType('logs').encode({ partialSuccess }).finish();
      const headers = { 'content-type': 'application/x-protobuf' };
      const reply =
        protocol === 'grpc' ? { code: 0, body: bytes } : { status: 200, headers, body: bytes };
      const { client } = await openPair({ replies: [reply] });
      const expected = { verdict: 'accepted', rejectedItems: 3, message: 'too old' };
      assert.deepEqual(await client.send('logs', body), expected);
    });

    for (const misbehaviour of ['hang', 'drip'] as const) {
      it(`${misbehaviour}: unavailable once the time is over`, async () => {
        const answer = await answerTo(misbehaviour);
        assert.equal(answer.verdict, 'unavailable', answer.message);
        assert.match(answer.message, /timed out|DEADLINE_EXCEEDED/);
      });
    }

    for (const misbehaviour of ['reset', 'cut'] as const) {
      it(`${misbehaviour}: unavailable, and the next request gets through`, async () => {
        const { client } = await openPair({ replies: [misbehaviour] });
        assert.equal((await client.send('traces', body)).verdict, 'unavailable');
        assert.deepEqual(await client.send('traces', body), accepted);
      });
    }

    it('nobody listens: unavailable at once', async () => {
      const client = openClient(protocol, await unusedPort());
      const answer = await client.send('traces', body);
      client.close();
      assert.equal(answer.verdict, 'unavailable');
      assert.match(answer.message, /ECONNREFUSED/);
    });

    it('a destination that comes back: the same client reaches it again', async () => {
      const { destination, client } = await openPair();
      await client.send('traces', body);
      await destination.close();
      assert.equal((await client.send('traces', body)).verdict, 'unavailable');
      const next = await openFakeDestination(transport, { port: destination.port });
      opened.push(next);
      let answer = await client.send('traces', body);
      for (let tries = 0; tries < 50 && answer.verdict === 'unavailable'; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        answer = await client.send('traces', body);
      }
      assert.deepEqual(answer, accepted);
    });

    it('abort, before or while it is sent: unavailable at once', async () => {
      const { destination, client } = await openPair({ replies: ['hang'] });
      const stop = new AbortController();
      const answer = client.send('traces', body, stop.signal);
      while (destination.received.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      stop.abort();
      assert.equal((await answer).verdict, 'unavailable');
      assert.equal((await client.send('traces', body, stop.signal)).verdict, 'unavailable');
      assert.equal(destination.received.length, 1);
    });

    it('abort: a signal that outlives the requests holds nothing of them', async () => {
      const { client } = await openPair();
      const { signal } = new AbortController();
      for (let count = 0; count < 20; count++) await client.send('traces', body, signal);
      assert.equal(dependentCount(signal), 0);
    });

    it('close: what is under way ends with an answer', async () => {
      const { destination, client } = await openPair({ replies: ['hang'] }, { timeoutMs: 300 });
      const answer = client.send('traces', body);
      while (destination.received.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      client.close();
      assert.equal((await answer).verdict, 'unavailable');
    });

    it('IPv6: an address in brackets', async () => {
      const { destination, client } = await openPair({ host: '::1' }, {});
      client.close();
      const endpoint = new URL(`http://[::1]:${destination.port}`);
      const six = openClient(protocol, 0, { endpoint });
      opened.push(six);
      assert.deepEqual(await six.send('traces', body), accepted);
    });

    it('TLS: an authority of its own, by name and by address', async () => {
      const { destination } = await openPair({ tls: serverPair });
      for (const host of ['localhost', '127.0.0.1']) {
        const endpoint = new URL(`https://${host}:${destination.port}`);
        const client = openClient(protocol, 0, { endpoint, tls: { authorities } });
        opened.push(client);
        assert.deepEqual(await client.send('traces', body), accepted, host);
      }
    });

    it('TLS: a certificate that nobody vouches for is unavailable, and named', async () => {
      const { destination } = await openPair({ tls: serverPair });
      const endpoint = new URL(`https://127.0.0.1:${destination.port}`);
      const client = openClient(protocol, 0, { endpoint });
      opened.push(client);
      const answer = await client.send('traces', body);
      assert.equal(answer.verdict, 'unavailable');
      assert.match(answer.message, /certificate/);
      assert.equal(destination.received.length, 0);
    });

    it('TLS: a certificate that is another address’s is unavailable, and named', async () => {
      const { destination } = await openPair({ tls: serverPair, host: '::1' });
      const endpoint = new URL(`https://[::1]:${destination.port}`);
      const client = openClient(protocol, 0, { endpoint, tls: { authorities } });
      opened.push(client);
      const answer = await client.send('traces', body);
      assert.equal(answer.verdict, 'unavailable');
      assert.match(answer.message, /altnames/);
      assert.equal(destination.received.length, 0);
    });

    it('TLS: a destination that demands a certificate of the client', async () => {
      const tls = { ...serverPair, clientAuthority: authorities };
      const { destination } = await openPair({ tls });
      const endpoint = new URL(`https://127.0.0.1:${destination.port}`);
      const known = openClient(protocol, 0, { endpoint, tls: { authorities, ...clientPair } });
      const unknown = openClient(protocol, 0, { endpoint, tls: { authorities } });
      opened.push(known, unknown);
      assert.deepEqual(await known.send('traces', body), accepted);
      assert.equal((await unknown.send('traces', body)).verdict, 'unavailable');
    });
  });
}

describe('otlp-client', () => {
  it('http/json says so, the others speak protobuf', async () => {
    const types: unknown[] = [];
    for (const protocol of protocols) {
      const transport = protocol === 'grpc' ? 'grpc' : 'http';
      const destination = await openFakeDestination(transport);
      const client = openClient(protocol, destination.port);
      await client.send('traces', body);
      types.push(destination.received[0]?.headers['content-type']);
      client.close();
      await destination.close();
    }
    assert.deepEqual(types, ['application/x-protobuf', 'application/json', 'application/grpc']);
  });

  it('a client that sends nothing opens no connection', async () => {
    const destination = await openFakeDestination('http');
    const endpoint = new URL(`http://127.0.0.1:${destination.port}`);
    const limits = { compression: 'none', connectionsMax: 1, timeoutMs: 100 } as const;
    const options = { endpoint, ...limits, userAgent: 'archer-test' };
    openOtlpClient({ protocol: 'http/protobuf', ...options }, systemClock).close();
    assert.equal(destination.connectionCount(), 0);
    await destination.close();
  });
});
