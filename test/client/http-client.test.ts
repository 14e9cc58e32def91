/** Tests OTLP/HTTP clients where they differ from gRPC: paths, redirects, content types, sizes. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { OtlpClientOptions } from '../../src/client/client-port.ts';
import { openHttpClient } from '../../src/client/http-client.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { type FakeDestination, openFakeDestination, type Reply } from './fake-destination.ts';

const body = Buffer.from('not looked into by these destinations');
const accepted = { verdict: 'accepted', rejectedItems: 0, message: '' };
const clock = new ManualClock(Date.UTC(2026, 0, 1));
const jsonType = { 'content-type': 'application/json' };

const opened: { close(): unknown }[] = [];
after(async () => {
  for (const each of opened) await each.close();
});

async function openPair(replies: readonly Reply[], options: Partial<OtlpClientOptions> = {}) {
  const destination = await openFakeDestination('http', { replies });
  const client = open(destination, options);
  return { destination, client };
}

function open({ port, close }: FakeDestination, options: Partial<OtlpClientOptions>) {
  const endpoint = new URL(`http://127.0.0.1:${port}`);
  const limits = { compression: 'none', connectionsMax: 2, timeoutMs: 2_000 } as const;
  const given = { protocol: 'http/protobuf', endpoint, ...limits, userAgent: 'test', ...options };
  const client = openHttpClient(given as OtlpClientOptions, clock);
  opened.push(client, { close });
  return client;
}

async function answerTo(reply: Reply) {
  const { client } = await openPair([reply]);
  return client.send('traces', body);
}

describe('http-client', () => {
  it('paths: appended to that of the endpoint, whose query stays', async () => {
    const { destination } = await openPair([]);
    const paths: string[] = [];
    for (const path of ['', '/', '/tenant', '/tenant/', '/a/b?key=1']) {
      const endpoint = new URL(`http://127.0.0.1:${destination.port}${path}`);
      await open(destination, { endpoint }).send('logs', body);
      paths.push(destination.received.at(-1)?.path ?? '');
    }
    const expected = ['/v1/logs', '/v1/logs', '/tenant/v1/logs', '/tenant/v1/logs'];
    assert.deepEqual(paths, [...expected, '/a/b/v1/logs?key=1']);
  });

  it('small bodies are sent as they are, even where gzip is wanted', async () => {
    const { destination, client } = await openPair([], { compression: 'gzip' });
    await client.send('traces', Buffer.alloc(1_023, 'x'));
    await client.send('traces', Buffer.alloc(1_024, 'x'));
    const encodings = destination.received.map(({ headers }) => headers['content-encoding']);
    assert.deepEqual(encodings, [undefined, 'gzip']);
  });

  it('headers that are given do not change what the body is', async () => {
    const headers = { 'Content-Type': 'text/plain', 'content-length': '3', 'User-Agent': 'x' };
    const { destination, client } = await openPair([], { headers });
    assert.deepEqual(await client.send('traces', body), accepted);
    const [request] = destination.received;
    assert.equal(request?.headers['content-type'], 'application/x-protobuf');
    assert.equal(request?.headers['user-agent'], 'test');
    assert.deepEqual(request?.body, body);
  });

  it('redirects: refused, not followed', async () => {
    const elsewhere = await openFakeDestination('http');
    opened.push(elsewhere);
    for (const status of [301, 302, 303, 307, 308]) {
      const location = `http://127.0.0.1:${elsewhere.port}/v1/traces`;
      const answer = await answerTo({ status, headers: { location } });
      assert.deepEqual(answer, {
        verdict: 'refused',
        message: `HTTP ${status} redirects are not followed`,
        isMisdirected: true,
      });
    }
    assert.equal(elsewhere.received.length, 0);
  });

  it('Retry-After: as a date, by the clock', async () => {
    const headers = { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' };
    const answer = await answerTo({ status: 503, headers, body: 'later' });
    const message = 'HTTP 503 later';
    assert.deepEqual(answer, { verdict: 'unavailable', message, retryAfterMs: 9_000 });
  });

  it('200 of another content type: accepted, with a warning where it says anything', async () => {
    const headers = { 'content-type': 'text/html; charset=utf-8' };
    const page = await answerTo({ status: 200, headers, body: '<html>' });
    assert.equal(page.verdict, 'accepted');
    assert.match(page.message, /text\/html/);
    assert.deepEqual(await answerTo({ status: 200, headers }), accepted);
    const plain = await answerTo({ status: 200, body: 'ok' });
    assert.equal(plain.verdict, 'accepted');
    assert.match(plain.message, /no content type/);
  });

  it('200 with an answer larger than 4 MiB: accepted, and not read to its end', async () => {
    const large = Buffer.alloc(5 * 1024 * 1024, ' ');
    for (const reply of ['flood', { status: 200, headers: jsonType, body: large }] as const) {
      const answer = await answerTo(reply);
      assert.equal(answer.verdict, 'accepted');
      assert.match(answer.message, /4 MiB/);
    }
  });

  it('an error with an answer larger than 4 MiB: the status counts', async () => {
    const large = Buffer.alloc(5 * 1024 * 1024, 'x');
    assert.equal((await answerTo({ status: 400, body: large })).verdict, 'refused');
    assert.equal((await answerTo({ status: 503, body: large })).verdict, 'unavailable');
  });

  it('an answer that was compressed without being asked: accepted, with a warning', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const answer = await answerTo({ status: 200, headers, body: Buffer.from([0x1f, 0x8b, 8]) });
    assert.equal(answer.verdict, 'accepted');
  });

  it('garbage: unavailable', async () => {
    assert.equal((await answerTo('garbage')).verdict, 'unavailable');
  });

  it('an answer before the body was read: understood', async () => {
    const large = Buffer.alloc(20 * 1024 * 1024, 'x');
    const { client } = await openPair([{ status: 413, body: 'too large', isEarly: true }]);
    const answer = await client.send('traces', large);
    const message = 'HTTP 413 too large';
    assert.deepEqual(answer, { verdict: 'refused', message, isMisdirected: false });
  });

  it('connections: kept, and never more than allowed', async () => {
    const { destination, client } = await openPair([], { connectionsMax: 3 });
    let most = 0;
    const requests = Array.from({ length: 20 }, async () => {
      await client.send('traces', body);
      most = Math.max(most, destination.connectionCount());
    });
    await Promise.all(requests);
    assert.equal(most, 3);
    assert.equal(destination.received.length, 20);
  });
});
