/** Tests OTLP/gRPC clients where they differ from HTTP: codes, proxies, invalid messages. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { status } from '@grpc/grpc-js';
import type { OtlpClientOptions } from '../../src/client/client-port.ts';
import { openGrpcClient } from '../../src/client/grpc-client.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { openFakeDestination, type Reply } from './fake-destination.ts';
import { rpcStatus } from './rpc-status.ts';

const body = Buffer.from('not looked into by these destinations');
const accepted = { verdict: 'accepted', rejectedItems: 0, message: '' };

const opened: { close(): unknown }[] = [];
after(async () => {
  for (const each of opened) await each.close();
});

async function openPair(replies: readonly Reply[], options: Partial<OtlpClientOptions> = {}) {
  const destination = await openFakeDestination('grpc', { replies });
  const endpoint = new URL(`http://127.0.0.1:${destination.port}`);
  const limits = { compression: 'none', connectionsMax: 2, timeoutMs: 2_000 } as const;
  const given = { protocol: 'grpc', endpoint, ...limits, userAgent: 'test', ...options };
  const client = openGrpcClient(given as OtlpClientOptions, systemClock);
  opened.push(client, destination);
  return { destination, client };
}

async function answerTo(reply: Reply) {
  const { client } = await openPair([reply]);
  return client.send('traces', body);
}

describe('grpc-client', () => {
  it('each code is judged, with what the destination says', async () => {
    const refused = { code: status.INVALID_ARGUMENT, details: 'no span: 100 %, é' };
    assert.deepEqual(await answerTo(refused), {
      verdict: 'refused',
      message: 'gRPC INVALID_ARGUMENT no span: 100 %, é',
      isMisdirected: false,
    });
    const misdirected = await answerTo({ code: status.UNAUTHENTICATED });
    assert.equal(misdirected.verdict === 'refused' && misdirected.isMisdirected, true);
  });

  it('RetryInfo: read from the trailer', async () => {
    const statusDetails = rpcStatus('full', 2);
    const code = status.RESOURCE_EXHAUSTED;
    assert.deepEqual(await answerTo({ code, details: 'full', statusDetails }), {
      verdict: 'unavailable',
      message: 'gRPC RESOURCE_EXHAUSTED full',
      retryAfterMs: 2_500,
    });
  });

  it('an answer that is no message of OTLP: accepted all the same', async () => {
    assert.deepEqual(await answerTo({ code: 0, body: Buffer.from([0x0a, 0xff]) }), accepted);
  });

  it('answers of HTTP, as proxies give them: by the table of gRPC', async () => {
    const headers = { 'content-type': 'text/html' };
    const verdicts: string[] = [];
    for (const proxyStatus of [401, 403, 404, 429, 502, 503, 504, 500, 307]) {
      const answer = await answerTo({ status: proxyStatus, headers, body: '<html>' });
      const isMisdirected = answer.verdict === 'refused' && answer.isMisdirected;
      verdicts.push(`${proxyStatus} ${answer.verdict}${isMisdirected ? ', misdirected' : ''}`);
    }
    assert.deepEqual(verdicts, [
      '401 refused, misdirected',
      '403 refused, misdirected',
      '404 refused, misdirected',
      '429 unavailable',
      '502 unavailable',
      '503 unavailable',
      '504 unavailable',
      '500 refused',
      '307 refused',
    ]);
  });

  it('200 of another content type: not accepted', async () => {
    const answer = await answerTo({
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: 'x',
    });
    assert.notEqual(answer.verdict, 'accepted');
  });

  it('garbage: not accepted', async () => {
    assert.notEqual((await answerTo('garbage')).verdict, 'accepted');
  });

  it('an answer larger than 4 MiB: refused at once, and not read', async () => {
    for (const reply of ['flood', { code: 0, body: Buffer.alloc(5 * 1024 * 1024) }] as const) {
      const answer = await answerTo(reply);
      assert.equal(answer.verdict, 'refused');
      assert.match(answer.message, /larger than max/);
    }
  });

  it('many at a time share one connection', async () => {
    const { destination, client } = await openPair([]);
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.send('logs', body)));
    assert.equal(
      answers.every(({ verdict }) => verdict === 'accepted'),
      true,
    );
    assert.equal(destination.connectionCount(), 1);
  });

  it('a header that gRPC keeps for itself is left out', async () => {
    const headers = { 'content-type': 'text/plain', 'grpc-timeout': '1n', te: 'x', 'x-a': 'b' };
    const { destination, client } = await openPair([], { headers });
    assert.deepEqual(await client.send('traces', body), accepted);
    assert.equal(destination.received[0]?.headers['x-a'], 'b');
    assert.equal(destination.received[0]?.headers['content-type'], 'application/grpc');
  });
});
