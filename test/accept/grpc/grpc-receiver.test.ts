/** The gRPC receiver over real connections: statuses with details, limits, and closing. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect as connectHttp2 } from 'node:http2';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  type ClientOptions,
  compressionAlgorithms,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { openGrpcReceiver } from '../../../src/accept/grpc/grpc-receiver.ts';
import type { OpenReceiver } from '../../../src/accept/receiver.ts';
import { type ReceivedStatus, statusFromProtobuf } from '../../../src/shared/google-rpc.ts';
import { exportMethodPath } from '../../../src/shared/otlp-messages.ts';
import { encodeSpans, FakeRing } from '../fake-ring.ts';
import { RawClient } from '../http-client.ts';

const requestBytesMax = 1024 * 1024;
const tracesPath = exportMethodPath('traces');
const spans = encodeSpans(100);

function connectTo(port: number, options: ClientOptions = {}): Client {
  return new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
    ...options,
  });
}

interface Answer {
  readonly code: number;
  readonly message: string;
  readonly response: Buffer | undefined;
  readonly error: ServiceError | null;
}

function send(client: Client, body: Buffer, path = tracesPath, deadlineMs = 5_000) {
  const pass = (bytes: Buffer) => bytes;
  const deadline = Date.now() + deadlineMs;
  return new Promise<Answer>((resolve) => {
    client.makeUnaryRequest(path, pass, pass, body, new Metadata(), { deadline }, (error, value) =>
      resolve({
        code: error?.code ?? status.OK,
        message: error?.details ?? '',
        response: value,
        error,
      }),
    );
  });
}

/** A call by hand, whose message is marked as compressed; resolves with its gRPC code. */
function sendCompressed(port: number, encoding: string, message: Buffer): Promise<number> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const prefix = Buffer.from([1, 0, 0, 0, message.length]);
  return new Promise((resolve, reject) => {
    const call = session.request({
      ':method': 'POST',
      ':path': tracesPath,
      'content-type': 'application/grpc',
      'grpc-encoding': encoding,
      te: 'trailers',
    });
    call.on('error', reject);
    call.on('response', (headers) => {
      resolve(Number(headers['grpc-status']));
      session.destroy();
    });
    call.end(Buffer.concat([prefix, message]));
  });
}

function detailsOf({ error }: Answer): ReceivedStatus {
  const [bytes] = error?.metadata.get('grpc-status-details-bin') ?? [];
  assert.ok(Buffer.isBuffer(bytes), 'status details');
  return statusFromProtobuf(bytes);
}

describe('grpc-receiver', () => {
  const ring = new FakeRing(8 * 1024 * 1024);
  let receiver: OpenReceiver;
  let client: Client;

  before(async () => {
    receiver = await openGrpcReceiver(ring.receiverOptions({ requestBytesMax }));
    client = connectTo(receiver.port);
  });
  after(async () => {
    client.close();
    await receiver.close(100);
  });
  afterEach(() => {
    assert.equal(ring.intake.inflightBytes, 0, 'nothing is left reserved');
    ring.reset();
  });

  /** The call was counted and logged once; the details agree, with RetryInfo only if retryable. */
  function assertRefused(answer: Answer, code: number, message: RegExp): void {
    assert.equal(answer.code, code);
    assert.match(answer.message, message);
    const details = detailsOf(answer);
    assert.equal(details.code, code);
    assert.equal(details.message, answer.message);
    assert.deepEqual(ring.counts, [`traces grpc ${code}`]);
    const [refusal] = ring.refusals;
    assert.equal(refusal?.status, `OTLP/gRPC ${status[code]}`);
    assert.match(refusal.reason, /^ERR_ARCHER_/);
    assert.deepEqual([refusal.message, refusal.sender], [answer.message, '127.0.0.1']);
    assert.equal(details.retryDelayMs, code === status.UNAVAILABLE ? 1000 : undefined);
  }

  it('OK: an empty response, and the bytes are passed on', async () => {
    const answer = await send(client, spans);
    assert.equal(answer.code, status.OK);
    assert.equal(answer.response?.length, 0);
    assert.ok(ring.published[0]?.bytes.equals(spans));
    assert.deepEqual(ring.counts, ['traces grpc 0']);
  });

  it('OK: an empty message is a request without spans', async () => {
    assert.equal((await send(client, Buffer.alloc(0))).code, status.OK);
    assert.equal(ring.published[0]?.bytes.length, 0);
  });

  it('OK: gzip', async () => {
    const gzip = compressionAlgorithms.gzip;
    const zipping = connectTo(receiver.port, { 'grpc.default_compression_algorithm': gzip });
    assert.equal((await send(zipping, spans)).code, status.OK);
    zipping.close();
    assert.ok(ring.published[0]?.bytes.equals(spans));
  });

  it('OK: many calls at once on one connection keep their results apart', async () => {
    const bodies = Array.from({ length: 200 }, (_, index) => encodeSpans(index % 7));
    const answers = await Promise.all(bodies.map((body) => send(client, body)));
    assert.ok(answers.every(({ code }) => code === status.OK));
    assert.equal(ring.published.length, 200);
    assert.equal(ring.counts.length, 200);
  });

  it('OK: exactly the limit passes', async () => {
    assert.equal((await send(client, randomBytes(requestBytesMax))).code, status.OK);
  });

  it('INVALID_ARGUMENT: the lane finds the request malformed', async () => {
    ring.outcome = 'malformed';
    const answer = await send(client, Buffer.from('nonsense'));
    assertRefused(answer, status.INVALID_ARGUMENT, /not a valid ExportTraceServiceRequest/);
  });

  it('INVALID_ARGUMENT: the lane finds values nested too deep', async () => {
    ring.outcome = 'too_deep';
    assertRefused(await send(client, spans), status.INVALID_ARGUMENT, /64 levels/);
  });

  it('RESOURCE_EXHAUSTED: more than max_request_bytes, without RetryInfo', async () => {
    const answer = await send(client, randomBytes(requestBytesMax + 1));
    assertRefused(answer, status.RESOURCE_EXHAUSTED, /1048576 bytes \(max_request_bytes\)\. Send/);
    assert.equal(ring.published.length, 0);
  });

  it('RESOURCE_EXHAUSTED: far more, and the connection goes on', async () => {
    const answer = await send(client, randomBytes(20 * 1024 * 1024));
    assertRefused(answer, status.RESOURCE_EXHAUSTED, /max_request_bytes/);
    assert.equal((await send(client, spans)).code, status.OK);
  });

  it('RESOURCE_EXHAUSTED: a small gzip that inflates beyond the limit', async () => {
    const gzip = compressionAlgorithms.gzip;
    const zipping = connectTo(receiver.port, { 'grpc.default_compression_algorithm': gzip });
    const answer = await send(zipping, Buffer.alloc(100 * 1024 * 1024));
    zipping.close();
    assertRefused(answer, status.RESOURCE_EXHAUSTED, /max_request_bytes/);
    assert.equal(ring.published.length, 0);
  });

  it('RESOURCE_EXHAUSTED: the lane finds the request larger than a batch', async () => {
    ring.outcome = 'too_large';
    assertRefused(await send(client, spans), status.RESOURCE_EXHAUSTED, /batch\.max_bytes/);
  });

  it('UNAVAILABLE: a ring that is full for longer than 250 ms, with RetryInfo', async () => {
    ring.answer = 'full';
    const start = performance.now();
    const answer = await send(client, spans);
    assert.ok(performance.now() - start > 240);
    assertRefused(answer, status.UNAVAILABLE, /Send the request again/);
  });

  it('UNAVAILABLE: no room in flight, with RetryInfo', async () => {
    const held = 8 * 1024 * 1024 - 10;
    assert.ok(ring.intake.reserve(held));
    const answer = await send(client, spans);
    ring.intake.release(held);
    assertRefused(answer, status.UNAVAILABLE, /max_inflight_bytes/);
  });

  it('UNAVAILABLE: the lane cannot write the request', async () => {
    ring.outcome = 'unavailable';
    assertRefused(await send(client, spans), status.UNAVAILABLE, /Send the request again/);
  });

  it('UNIMPLEMENTED: signals that are not recorded, and unknown methods, not counted', async () => {
    const profiles = tracesPath.replaceAll(/trace/gi, 'profiles');
    for (const path of [profiles, `${tracesPath}All`, '/a.B/C']) {
      assert.equal((await send(client, spans, path)).code, status.UNIMPLEMENTED, path);
    }
    assert.deepEqual(ring.counts, []);
    assert.equal(ring.published.length, 0);
  });

  it('INTERNAL, UNIMPLEMENTED: bodies that grpc-js cannot inflate are counted', async () => {
    const garbage = Buffer.from('not compressed at all');
    assert.equal(await sendCompressed(receiver.port, 'gzip', garbage), status.INTERNAL);
    assert.equal(await sendCompressed(receiver.port, 'zstd', garbage), status.UNIMPLEMENTED);
    assert.deepEqual(ring.counts, ['traces grpc 13', 'traces grpc 12']);
    assert.deepEqual(
      ring.refusals.map((refusal) => `${refusal.status} ${refusal.reason}`),
      ['OTLP/gRPC INTERNAL grpc-js', 'OTLP/gRPC UNIMPLEMENTED grpc-js'],
    );
  });

  it('DEADLINE_EXCEEDED: a call that ended by its deadline is counted once', async () => {
    ring.outcome = undefined;
    const answer = await send(client, spans, tracesPath, 60);
    assert.equal(answer.code, status.DEADLINE_EXCEEDED);
    await sleep(30);
    ring.intake.settle('accepted');
    await sleep(10);
    // Either this end or the client may notice the deadline first.
    assert.ok(['', 'traces grpc 4'].includes(ring.counts.join()), ring.counts.join());
  });

  it('cancelled: a call that the client cancels is recorded and not counted', async () => {
    ring.outcome = undefined;
    const pass = (bytes: Buffer) => bytes;
    const call = client.makeUnaryRequest(tracesPath, pass, pass, spans, () => {});
    while (ring.published.length === 0) await sleep(5);
    call.cancel();
    await sleep(30);
    ring.intake.settle('malformed');
    await sleep(10);
    assert.deepEqual(ring.counts, []);
  });

  it('nonsense: bytes that are not HTTP/2 end their own connection only', async () => {
    const raw = new RawClient(receiver.port);
    raw.send('POST /v1/traces HTTP/1.1\r\n\r\n');
    await raw.closed;
    assert.equal((await send(client, spans)).code, status.OK);
  });
});

describe('grpc-receiver close', () => {
  async function open() {
    const ring = new FakeRing();
    ring.outcome = undefined;
    const receiver = await openGrpcReceiver(ring.receiverOptions());
    const client = connectTo(receiver.port);
    return { ring, receiver, client };
  }

  it('close: resolves at once if no call is open', async () => {
    const { ring, receiver, client } = await open();
    ring.outcome = 'accepted';
    await send(client, spans);
    const start = performance.now();
    await receiver.close(5_000);
    assert.ok(performance.now() - start < 500);
    assert.equal((await send(client, spans, tracesPath, 500)).code, status.UNAVAILABLE);
    client.close();
  });

  it('close: an open call gets its answer', async () => {
    const { ring, receiver, client } = await open();
    const answer = send(client, spans);
    while (ring.published.length === 0) await sleep(5);
    const closed = receiver.close(5_000);
    await sleep(20);
    ring.intake.settle('accepted');
    assert.equal((await answer).code, status.OK);
    await closed;
    client.close();
  });

  it('close: ends calls that are still open after the grace', async () => {
    const { ring, receiver, client } = await open();
    const answer = send(client, spans);
    while (ring.published.length === 0) await sleep(5);
    const start = performance.now();
    await receiver.close(100);
    const tookMs = performance.now() - start;
    assert.ok(tookMs >= 99 && tookMs < 1_000, `${tookMs} ms`);
    assert.notEqual((await answer).code, status.OK);
    client.close();
  });

  it('close: does not wait for a connection that never sent anything', async () => {
    const { receiver, client } = await open();
    const fresh = new RawClient(receiver.port);
    await new Promise((resolve) => fresh.socket.on('connect', resolve));
    await sleep(10);
    const start = performance.now();
    await receiver.close(5_000);
    assert.ok(performance.now() - start < 500);
    await fresh.closed;
    client.close();
  });

  it("open: a port in use is Node's error", async () => {
    const { receiver, client } = await open();
    const again = openGrpcReceiver(new FakeRing().receiverOptions({ port: receiver.port }));
    await assert.rejects(again, { code: 'EADDRINUSE' });
    client.close();
    await receiver.close(0);
  });
});
