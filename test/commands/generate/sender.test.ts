/** Tests the sender against small servers: every answer is understood as the specification says. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { status } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import {
  type Answer,
  openSender,
  type Sender,
  type SenderOptions,
} from '../../../src/commands/generate/sender.ts';
import { ManualClock, systemClock } from '../../../src/shared/clock.ts';
import { responseType } from '../../../src/shared/otlp-messages.ts';
import {
  type GrpcReply,
  type HttpReply,
  type NoReply,
  openGrpcServer,
  openHttpServer,
  unusedPort,
} from './otlp-servers.ts';

const body = Buffer.from('not looked into by these servers');
const protobufType = { 'content-type': 'application/x-protobuf' };
const jsonType = { 'content-type': 'application/json; charset=utf-8' };

function open(port: number, options: Partial<SenderOptions> = {}, clock = systemClock): Sender {
  return openSender(
    {
      protocol: 'http/protobuf',
      endpoint: new URL(`http://127.0.0.1:${port}`),
      compression: 'none',
      connectionsMax: 2,
      timeoutMs: 5_000,
      ...options,
    },
    clock,
  );
}

async function answerOverHttp(
  reply: HttpReply | NoReply,
  options?: Partial<SenderOptions>,
): Promise<Answer> {
  const server = await openHttpServer([reply]);
  const sender = open(server.port, options, new ManualClock(Date.UTC(2026, 0, 1)));
  const answer = await sender.send(body);
  sender.close();
  await server.close();
  return answer;
}

async function answerOverGrpc(reply: GrpcReply): Promise<Answer> {
  const server = await openGrpcServer([reply]);
  const sender = open(server.port, { protocol: 'grpc' });
  const answer = await sender.send(body);
  sender.close();
  await server.close();
  return answer;
}

function partialSuccess(rejectedSpans: number, errorMessage: string): Uint8Array {
  return responseType('traces')
    .encode({ partialSuccess: { rejectedSpans, errorMessage } })
    .finish();
}

/** google.rpc.Status with a message, and a RetryInfo where seconds are given. */
function rpcStatus(message: string, retrySeconds?: number): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(18).string(message);
  if (retrySeconds !== undefined) {
    writer.uint32(26).fork();
    writer.uint32(10).string('type.googleapis.com/google.rpc.RetryInfo');
    writer.uint32(18).fork().uint32(10).fork().uint32(8).int64(retrySeconds);
    writer.uint32(16).int32(500_000_000).ldelim().ldelim().ldelim();
  }
  return writer.finish();
}

describe('sender over HTTP', () => {
  it('200: accepted, sent to /v1/traces below the endpoint', async () => {
    const server = await openHttpServer();
    const endpoint = new URL(`http://127.0.0.1:${server.port}/tenant/`);
    const sender = open(server.port, { endpoint });
    assert.deepEqual(await sender.send(body), {
      verdict: 'accepted',
      rejectedSpans: 0,
      message: '',
    });
    const [request] = server.received;
    assert.equal(request?.path, '/tenant/v1/traces');
    assert.equal(request?.headers['content-type'], 'application/x-protobuf');
    assert.deepEqual(request?.body, body);
    sender.close();
    await server.close();
  });

  it('gzip: large bodies are compressed, small ones are not', async () => {
    const server = await openHttpServer();
    const sender = open(server.port, { compression: 'gzip', protocol: 'http/json' });
    const large = Buffer.alloc(5000, 'x');
    await sender.send(large);
    await sender.send(body);
    assert.deepEqual(
      server.received.map(({ headers }) => headers['content-encoding']),
      ['gzip', undefined],
    );
    assert.deepEqual(server.received[0]?.body, large);
    assert.equal(server.received[0]?.headers['content-type'], 'application/json');
    sender.close();
    await server.close();
  });

  it('200 with a partial success: says how many were rejected, in either encoding', async () => {
    const expected = { verdict: 'accepted', rejectedSpans: 7, message: 'too old' };
    const asProtobuf = { status: 200, headers: protobufType, body: partialSuccess(7, 'too old') };
    assert.deepEqual(await answerOverHttp(asProtobuf), expected);
    const json = JSON.stringify({
      partialSuccess: { rejectedSpans: '7', errorMessage: 'too old' },
    });
    assert.deepEqual(
      await answerOverHttp({ status: 200, headers: jsonType, body: json }),
      expected,
    );
  });

  it('200 with a body that cannot be read: accepted all the same', async () => {
    const expected = { verdict: 'accepted', rejectedSpans: 0, message: '' };
    for (const headers of [protobufType, jsonType, { 'content-type': 'text/html' }]) {
      assert.deepEqual(await answerOverHttp({ status: 200, headers, body: '<html>' }), expected);
    }
  });

  it('400: refused, with the message of the status in either encoding', async () => {
    const expected = { verdict: 'refused', message: 'HTTP 400 no span' };
    const asProtobuf = { status: 400, headers: protobufType, body: rpcStatus('no span') };
    assert.deepEqual(await answerOverHttp(asProtobuf), expected);
    const json = { status: 400, headers: jsonType, body: '{"code":3,"message":"no span"}' };
    assert.deepEqual(await answerOverHttp(json), expected);
    assert.deepEqual(await answerOverHttp({ status: 400, body: 'no span\nat all' }), expected);
  });

  for (const code of [301, 401, 404, 413, 415, 500, 501]) {
    it(`${code}: refused`, async () => {
      assert.equal((await answerOverHttp({ status: code })).verdict, 'refused');
    });
  }

  for (const code of [429, 502, 503, 504]) {
    it(`${code}: unavailable, to be sent again`, async () => {
      const answer = await answerOverHttp({ status: code });
      assert.deepEqual(answer, {
        verdict: 'unavailable',
        message: `HTTP ${code}`,
        retryAfterMs: 0,
      });
    });
  }

  it('Retry-After: seconds or a date, never below nothing', async () => {
    const waits = ['3', 'Thu, 01 Jan 2026 00:00:05 GMT', 'Wed, 31 Dec 2025 23:59:00 GMT', 'soon'];
    const answers: number[] = [];
    for (const text of waits) {
      const answer = await answerOverHttp({ status: 503, headers: { 'retry-after': text } });
      answers.push(answer.verdict === 'unavailable' ? answer.retryAfterMs : -1);
    }
    assert.deepEqual(answers, [3000, 5000, 0, 0]);
  });

  it('connection refused, hung up or silent: unavailable', async () => {
    const sender = open(await unusedPort());
    const answer = await sender.send(body);
    assert.equal(answer.verdict, 'unavailable');
    assert.match(answer.message, /ECONNREFUSED/);
    sender.close();
    assert.equal((await answerOverHttp('hang up')).verdict, 'unavailable');
    const silent = await answerOverHttp('silence', { timeoutMs: 50 });
    assert.deepEqual(silent, { verdict: 'unavailable', message: 'timed out', retryAfterMs: 0 });
  });

  it('an answer larger than 4 MiB: not read to its end', async () => {
    const reply = { status: 200, headers: jsonType, body: Buffer.alloc(5 * 1024 * 1024, ' ') };
    const answer = await answerOverHttp(reply);
    assert.equal(answer.verdict, 'unavailable');
    assert.match(answer.message, /4 MiB/);
  });
});

describe('sender over gRPC', () => {
  it('OK: accepted, with the bytes as they are', async () => {
    const server = await openGrpcServer();
    const sender = open(server.port, { protocol: 'grpc', compression: 'gzip' });
    assert.deepEqual(await sender.send(body), {
      verdict: 'accepted',
      rejectedSpans: 0,
      message: '',
    });
    assert.deepEqual(server.received, [body]);
    sender.close();
    await server.close();
  });

  it('OK with a partial success: says how many were rejected', async () => {
    const answer = await answerOverGrpc({ code: 0, body: partialSuccess(3, 'too old') });
    assert.deepEqual(answer, { verdict: 'accepted', rejectedSpans: 3, message: 'too old' });
  });

  const retryable = ['CANCELLED', 'DEADLINE_EXCEEDED', 'ABORTED', 'OUT_OF_RANGE'] as const;
  for (const name of [...retryable, 'UNAVAILABLE', 'DATA_LOSS'] as const) {
    it(`${name}: unavailable, to be sent again`, async () => {
      const answer = await answerOverGrpc({ code: status[name], details: 'no' });
      const message = `gRPC ${name} no`;
      assert.deepEqual(answer, { verdict: 'unavailable', message, retryAfterMs: 0 });
    });
  }

  for (const name of ['INVALID_ARGUMENT', 'UNIMPLEMENTED', 'INTERNAL', 'UNKNOWN'] as const) {
    it(`${name}: refused`, async () => {
      const answer = await answerOverGrpc({ code: status[name], details: 'no' });
      assert.deepEqual(answer, { verdict: 'refused', message: `gRPC ${name} no` });
    });
  }

  it('RetryInfo: says how long to wait', async () => {
    const statusDetails = rpcStatus('full', 2);
    const answer = await answerOverGrpc({
      code: status.UNAVAILABLE,
      details: 'full',
      statusDetails,
    });
    assert.deepEqual(answer, {
      verdict: 'unavailable',
      message: 'gRPC UNAVAILABLE full',
      retryAfterMs: 2500,
    });
  });

  it('RESOURCE_EXHAUSTED: refused, but with a RetryInfo to be sent again', async () => {
    const code = status.RESOURCE_EXHAUSTED;
    assert.equal((await answerOverGrpc({ code })).verdict, 'refused');
    const plain = await answerOverGrpc({ code, statusDetails: rpcStatus('full') });
    assert.equal(plain.verdict, 'refused');
    const throttled = await answerOverGrpc({ code, statusDetails: rpcStatus('full', 1) });
    assert.equal(throttled.verdict, 'unavailable');
    const broken = await answerOverGrpc({ code, statusDetails: Buffer.from([0x1a, 0xff]) });
    assert.equal(broken.verdict, 'refused');
  });

  it('connection refused: unavailable', async () => {
    const sender = open(await unusedPort(), { protocol: 'grpc' });
    const answer = await sender.send(body);
    assert.equal(answer.verdict, 'unavailable');
    assert.match(answer.message, /UNAVAILABLE/);
    sender.close();
  });
});
