/** Replies to clients that are still sending. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Agent } from 'node:http';
import { after, afterEach, before, describe, it } from 'node:test';
import { openHttpReceiver } from '../../../src/accept/http/http-receiver.ts';
import type { OpenReceiver } from '../../../src/accept/receiver.ts';
import { encodeSpans, FakeRing } from '../fake-ring.ts';
import { protobufType, RawClient, type Reply, send, statusOf } from '../http-client.ts';

const requestBytesMax = 1024 * 1024;
const spans = encodeSpans(100);

describe('http-answer', () => {
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

  /** A refusal in the request's own type, counted once, with nothing published. */
  function assertRefused(reply: Reply, status: number, code: number, message: RegExp): void {
    assert.equal(reply.status, status);
    const said = statusOf(reply);
    assert.equal(said.code, code);
    assert.match(said.message, message);
    assert.equal(reply.headers['content-length'], String(reply.body.length));
    assert.deepEqual(ring.counts, [`traces http ${status}`]);
  }

  it('413: by Content-Length, to a client that sends everything before it looks', async () => {
    const body = randomBytes(20 * 1024 * 1024);
    const reply = await send({ port, body, headers: protobufType });
    assertRefused(reply, 413, 8, /1048576 bytes \(max_request_bytes\)\. Send smaller batches/);
  });

  it('413: while a chunked body streams in, and the connection can be used again', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const chunks = Array.from({ length: 50 }, () => randomBytes(65_536));
    const reply = await send({ port, body: chunks, headers: protobufType, agent });
    assertRefused(reply, 413, 8, /max_request_bytes/);
    const next = await send({ port, body: spans, headers: protobufType, agent });
    assert.equal(next.status, 200);
    agent.destroy();
  });

  it('refused: a client that never stops sending is cut off', async () => {
    const client = new RawClient(port);
    client.send(
      'POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\n' +
        'transfer-encoding: chunked\r\n\r\n',
    );
    const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
    let sentCount = 0;
    const pump = () => {
      while (!client.socket.destroyed && client.socket.write(chunk)) sentCount += 1;
      sentCount += 1;
    };
    client.socket.on('drain', pump);
    pump();
    await client.closed;
    assert.match(client.received, /^HTTP\/1.1 415 /);
    assert.ok(sentCount >= 60 && sentCount < 100, `${sentCount} MiB taken`);
  });
});
