/** Requests that lead to each refusal, over real connections. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { openHttpReceiver } from '../../../src/accept/http/http-receiver.ts';
import type { OpenReceiver } from '../../../src/accept/receiver.ts';
import { encodeSpans, FakeRing } from '../fake-ring.ts';
import { jsonType, protobufType, RawClient, type Reply, send, statusOf } from '../http-client.ts';

const requestBytesMax = 1024 * 1024;
const spans = encodeSpans(100);

describe('http-exchange', () => {
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

  /** The reply has the type of the request; it was counted and logged, and nothing published. */
  function assertRefused(reply: Reply, status: number, code: number, message: RegExp): void {
    assert.equal(reply.status, status);
    const answered = statusOf(reply);
    assert.equal(answered.code, code);
    assert.match(answered.message, message);
    assert.equal(reply.headers['content-length'], String(reply.body.length));
    assert.deepEqual(ring.counts, [`traces http ${status}`]);
    const refusal = ring.refusals.at(-1);
    assert.equal(refusal?.status, `OTLP/HTTP ${status}`);
    assert.match(refusal.reason, /^ERR_ARCHER_/);
    assert.equal(refusal.message, answered.message);
    assert.equal(refusal.sender, '127.0.0.1');
  }

  it('400: the lane finds a protobuf request malformed', async () => {
    ring.outcome = 'malformed';
    const reply = await send({ port, body: Buffer.from('nonsense'), headers: protobufType });
    assert.equal(reply.headers['content-type'], 'application/x-protobuf');
    assertRefused(reply, 400, 3, /^The body is not a valid ExportTraceServiceRequest: /);
  });

  it('400: text that is not JSON or not OTLP; the message names the place', async () => {
    const wrong = '{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"BIG"}]}]}]}';
    const reply = await send({ port, body: Buffer.from(wrong), headers: jsonType });
    const place = /: resourceSpans\[0\]\.scopeSpans\[0\]\.spans\[0\]\.kind is "BIG", not /;
    assertRefused(reply, 400, 3, place);
    ring.counts.length = 0;
    const none = await send({ port, body: Buffer.from('{"resourceSpans"'), headers: jsonType });
    assertRefused(none, 400, 3, /its text is not JSON/);
  });

  it('400: gzip that cannot be inflated', async () => {
    const headers = { ...protobufType, 'content-encoding': 'gzip' };
    const reply = await send({ port, body: Buffer.from('not gzip at all'), headers });
    assertRefused(reply, 400, 3, /gzip data cannot be read/);
  });

  it('400: values nested too deep, told by the lane or by the JSON', async () => {
    ring.outcome = 'too_deep';
    const reply = await send({ port, body: spans, headers: protobufType });
    assertRefused(reply, 400, 3, /deeper than 64 levels/);
    ring.counts.length = 0;
    const deep = Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    const json = await send({ port, body: deep, headers: jsonType });
    assertRefused(json, 400, 3, /deeper than 64 levels/);
  });

  it('404: unknown paths and signals that are not recorded, counted without a signal', async () => {
    const unknown = ['/', '/v1/profiles', '/v1development/profiles', '/v1/traces/x'];
    for (const path of unknown) {
      const reply = await send({ port, path, body: spans, headers: protobufType });
      assert.equal(reply.status, 404, path);
      assert.equal(reply.headers['content-type'], 'application/x-protobuf');
      const paths = /Send OTLP\/HTTP to one of \/v1\/traces, \/v1\/metrics, \/v1\/logs\./;
      assert.match(statusOf(reply).message, paths);
    }
    assert.deepEqual(
      ring.counts,
      unknown.map(() => 'unknown http 404'),
    );
  });

  it('405: other methods, with Allow', async () => {
    const reply = await send({ port, method: 'GET', headers: jsonType });
    assert.equal(reply.headers.allow, 'POST');
    assertRefused(reply, 405, 12, /Use POST/);
    assert.equal((await send({ port, method: 'HEAD' })).status, 405);
  });

  it('413: by Content-Length, before the body is sent', async () => {
    const client = new RawClient(port);
    client.send(
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n' +
        `content-length: ${requestBytesMax + 1}\r\n\r\n`,
    );
    await client.receives(/^HTTP\/1.1 413 [\s\S]*\{"code":8,.*1048576 bytes \(max_request_bytes\)/);
    client.socket.destroy();
    await client.closed;
    assert.deepEqual(ring.counts, ['traces http 413']);
  });

  it('413: a small gzip that inflates beyond the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
    const headers = { ...protobufType, 'content-encoding': 'gzip' };
    const reply = await send({ port, body: bomb, headers });
    assertRefused(reply, 413, 8, /max_request_bytes/);
  });

  it('413: more than a batch can have, as the lane tells', async () => {
    ring.outcome = 'too_large';
    const reply = await send({ port, body: spans, headers: protobufType });
    assertRefused(reply, 413, 8, /batch\.max_bytes/);
  });

  it('415: another content type, answered in JSON', async () => {
    const headers = { 'content-type': 'text/plain' };
    const reply = await send({ port, body: randomBytes(3_000_000), headers });
    assert.equal(reply.headers['content-type'], 'application/json');
    assertRefused(reply, 415, 3, /Content-Type text\/plain is not supported/);
  });

  it('415: another content encoding, with those that are received', async () => {
    const headers = { ...protobufType, 'content-encoding': 'br' };
    const reply = await send({ port, body: spans, headers });
    assert.equal(reply.headers['accept-encoding'], 'identity, gzip, deflate, zstd');
    assertRefused(reply, 415, 3, /Content-Encoding br is not supported/);
  });

  it('503: a ring that is full for longer than 250 ms, with Retry-After', async () => {
    ring.answer = 'full';
    const start = performance.now();
    const reply = await send({ port, body: spans, headers: protobufType });
    assert.ok(performance.now() - start > 240);
    assert.equal(Number(reply.headers['retry-after']), 1);
    assertRefused(reply, 503, 14, /Send the request again/);
  });

  it('503: no room in flight while a body comes in, with Retry-After', async () => {
    const held = 7.9 * 1024 * 1024;
    assert.ok(ring.intake.reserve(held));
    const reply = await send({ port, body: randomBytes(900_000), headers: protobufType });
    ring.intake.release(held);
    assert.equal(Number(reply.headers['retry-after']), 1);
    assertRefused(reply, 503, 14, /max_inflight_bytes/);
  });

  it('503: unavailable, as the lane tells', async () => {
    ring.outcome = 'unavailable';
    const reply = await send({ port, body: spans, headers: jsonType });
    assert.equal(reply.status, 400, 'protobuf is no JSON');
    ring.counts.length = 0;
    const told = await send({ port, body: Buffer.from('{}'), headers: jsonType });
    assert.equal(told.headers['content-type'], 'application/json');
    assertRefused(told, 503, 14, /Send the request again/);
  });

  it('aborted: a client that goes away in its body leaves nothing behind', async () => {
    const client = new RawClient(port);
    client.send(
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n' +
        'content-length: 500000\r\n\r\n',
    );
    client.send(randomBytes(200_000));
    while (ring.intake.inflightBytes < 200_000) await sleep(5);
    client.socket.destroy();
    while (ring.intake.inflightBytes > 0) await sleep(5);
    assert.deepEqual(ring.counts, []);
    assert.equal(ring.published.length, 0);
  });

  it('aborted: a request whose client disconnects is recorded and not counted', async () => {
    ring.outcome = undefined;
    const client = new RawClient(port);
    client.send(
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n' +
        'content-length: 0\r\n\r\n',
    );
    while (ring.published.length === 0) await sleep(5);
    client.socket.destroy();
    await sleep(30);
    ring.intake.settle('accepted');
    await sleep(10);
    assert.deepEqual(ring.counts, []);
  });
});
