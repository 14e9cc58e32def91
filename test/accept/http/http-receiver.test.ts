/** OTLP/HTTP over real connections: what is taken, how a connection goes on, and how it ends. */
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { openHttpReceiver } from '../../../src/accept/http/http-receiver.ts';
import type { OpenReceiver } from '../../../src/accept/receiver.ts';
import { encodeSpans, FakeRing } from '../fake-ring.ts';
import { protobufType, RawClient, send } from '../http-client.ts';

const requestBytesMax = 1024 * 1024;
const spans = encodeSpans(100);

describe('http-receiver', () => {
  const ring = new FakeRing(8 * 1024 * 1024);
  let receiver: OpenReceiver;
  let port = 0;

  before(async () => {
    receiver = await openHttpReceiver(ring.receiverOptions({ requestBytesMax }));
    port = receiver.port;
  });
  after(() => receiver.close(100));
  afterEach(() => {
    assert.equal(ring.intake.inflightBytes, 0, 'nothing is left reserved');
    ring.reset();
  });

  it('200: protobuf gives an empty protobuf response, and the bytes are passed on', async () => {
    const reply = await send({ port, body: spans, headers: protobufType });
    assert.equal(reply.status, 200);
    assert.equal(reply.headers['content-type'], 'application/x-protobuf');
    assert.equal(reply.headers['content-length'], '0');
    assert.ok(ring.published[0]?.bytes.equals(spans));
    assert.equal(ring.published[0]?.signal, 'traces');
    assert.deepEqual(ring.counts, ['traces http 200']);
  });

  it('200: JSON gives {} and is published as protobuf', async () => {
    const body = Buffer.from('{"resourceSpans":[{"schemaUrl":"x"}]}');
    const headers = { 'content-type': 'Application/JSON; charset=utf-8' };
    const reply = await send({ port, body, headers });
    assert.equal(reply.status, 200);
    assert.equal(reply.headers['content-type'], 'application/json');
    assert.equal(reply.body.toString(), '{}');
    assert.deepEqual(ring.requests, [{ resourceSpans: [{ schemaUrl: 'x' }] }]);
  });

  it('200: an empty body is a request without spans', async () => {
    assert.equal((await send({ port, body: Buffer.alloc(0), headers: protobufType })).status, 200);
    assert.equal(ring.published[0]?.bytes.length, 0);
  });

  it('200: gzip, chunked, and both, with fetch too', async () => {
    const zipped = gzipSync(spans);
    const gzip = { ...protobufType, 'content-encoding': 'gzip' };
    const identity = { ...protobufType, 'content-encoding': 'identity' };
    const pieces = (bytes: Buffer) => [bytes.subarray(0, 100), bytes.subarray(100)];
    const url = `http://127.0.0.1:${port}/v1/traces`;
    const replies = [
      await send({ port, body: zipped, headers: gzip }),
      await send({ port, body: pieces(zipped), headers: gzip }),
      await send({ port, body: pieces(spans), headers: identity }),
      await fetch(url, { method: 'POST', body: spans, headers: protobufType }),
    ];
    assert.deepEqual(
      replies.map(({ status }) => status),
      [200, 200, 200, 200],
    );
    assert.ok(ring.published.every(({ bytes }) => bytes.equals(spans)));
    assert.equal(ring.published.length, 4);
  });

  it('200: a connection is kept for the next request', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set<unknown>();
    agent.on('free', (socket) => sockets.add(socket));
    for (let count = 0; count < 5; count++) {
      const reply = await send({ port, body: spans, headers: protobufType, agent });
      assert.equal(reply.status, 200);
    }
    assert.equal(sockets.size, 1);
    agent.destroy();
  });

  it('200: requests sent one behind the other on a connection are answered in order', async () => {
    const client = new RawClient(port);
    const head = `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n`;
    client.send(`${head}content-length: 0\r\n\r\n`.repeat(3));
    client.send('GET /v1/traces HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    await client.closed;
    const statuses = [...client.received.matchAll(/HTTP\/1.1 (\d+)/g)].map((match) => match[1]);
    assert.deepEqual(statuses, ['200', '200', '200', '405']);
  });

  it('200: Expect: 100-continue is invited, then answered', async () => {
    const client = new RawClient(port);
    client.send(
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n' +
        `content-length: ${spans.length}\r\nexpect: 100-continue\r\n\r\n`,
    );
    await client.receives(/^HTTP\/1.1 100 Continue\r\n\r\n$/);
    client.send(spans);
    await client.receives(/HTTP\/1.1 200 OK/);
    client.socket.destroy();
  });

  it('malformed HTTP: nonsense, wrong chunks and endless heads end the connection', async () => {
    const head = 'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
    const broken = [
      'nonsense\r\n\r\n',
      `${head}transfer-encoding: chunked\r\n\r\nzz\r\n`,
      `${head}content-length: 5\r\ncontent-length: 6\r\n\r\n`,
      `${head}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n`,
      `${head}x: ${'y'.repeat(100_000)}`,
    ];
    for (const text of broken) {
      const client = new RawClient(port);
      client.send(text);
      await client.closed;
      assert.match(client.received, /^HTTP\/1.1 4\d\d /, text.slice(0, 80));
    }
    assert.equal(ring.published.length, 0);
  });

  it('slow senders: byte by byte is as good as any', async () => {
    const client = new RawClient(port);
    client.socket.setNoDelay(true);
    const body = Buffer.from('{"resourceSpans":[]}');
    client.send(
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n' +
        'transfer-encoding: chunked\r\n\r\n',
    );
    for (const byte of body) {
      client.send(`1\r\n${String.fromCharCode(byte)}\r\n`);
      await sleep(1);
    }
    client.send('0\r\n\r\n');
    await client.receives(/^HTTP\/1.1 200 OK[\s\S]*\{\}$/);
    client.socket.destroy();
  });

  it('413: in answer to Expect, instead of the invitation, and the connection ends', async () => {
    const client = new RawClient(port);
    client.send(
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n' +
        'content-length: 99999999\r\nexpect: 100-continue\r\n\r\n',
    );
    await client.receives(/^HTTP\/1.1 413 [\s\S]*connection: close[\s\S]*max_request_bytes/i);
    client.socket.end();
    await client.closed;
  });
});

describe('http-receiver close', () => {
  async function open() {
    const ring = new FakeRing();
    ring.outcome = undefined;
    return { ring, receiver: await openHttpReceiver(ring.receiverOptions()) };
  }

  it('close: at once when no request is open, whatever connections there are', async () => {
    const { receiver } = await open();
    const fresh = new RawClient(receiver.port);
    await new Promise((resolve) => fresh.socket.on('connect', resolve));
    const start = performance.now();
    await receiver.close(5_000);
    assert.ok(performance.now() - start < 500);
    await fresh.closed;
  });

  it('close: an open request gets its answer, and its connection ends', async () => {
    const { ring, receiver } = await open();
    const agent = new Agent({ keepAlive: true });
    const reply = send({ port: receiver.port, body: spans, headers: protobufType, agent });
    while (ring.published.length === 0) await sleep(5);
    const closed = receiver.close(5_000);
    await sleep(20);
    ring.intake.settle('accepted');
    assert.equal((await reply).status, 200);
    assert.equal((await reply).headers.connection, 'close');
    await closed;
    await assert.rejects(send({ port: receiver.port }), { code: 'ECONNREFUSED' });
  });

  it('close: what is still open after the grace is ended', async () => {
    const { ring, receiver } = await open();
    const reply = send({ port: receiver.port, body: spans, headers: protobufType });
    const rejected = assert.rejects(reply, { code: 'ECONNRESET' });
    while (ring.published.length === 0) await sleep(5);
    const start = performance.now();
    await receiver.close(100);
    const tookMs = performance.now() - start;
    assert.ok(tookMs >= 99 && tookMs < 1_000, `${tookMs} ms`);
    await rejected;
    ring.intake.settle('accepted');
    await ring.intake.drain();
    assert.deepEqual(ring.counts, []);
  });

  it("open: a port in use is Node's error", async () => {
    const { receiver } = await open();
    const again = openHttpReceiver(new FakeRing().receiverOptions({ port: receiver.port }));
    await assert.rejects(again, { code: 'EADDRINUSE' });
    await receiver.close(0);
  });
});
