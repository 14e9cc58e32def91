/** TLS, client certificates and credentials, of both receivers over real connections. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { openAuthorisation } from '../../src/accept/credentials.ts';
import { openGrpcReceiver } from '../../src/accept/grpc/grpc-receiver.ts';
import { openHttpReceiver } from '../../src/accept/http/http-receiver.ts';
import type { OpenReceiver, ReceiverOptions } from '../../src/accept/receiver.ts';
import { exportMethodPath } from '../../src/shared/otlp-messages.ts';
import { encodeSpans, FakeRing } from './fake-ring.ts';
import { protobufType, send, statusOf } from './http-client.ts';

const folder = fileURLToPath(new URL('../../../fixtures/tls/', import.meta.url));
const pem = (name: string) => readFileSync(`${folder}${name}.pem`);
const authority = pem('authority');
const server = { certificate: pem('server'), key: pem('server.key') };
const client = { cert: pem('client'), key: pem('client.key') };
const spans = encodeSpans(3);
const authorise = openAuthorisation({ bearerTokens: ['token'], basic: [] });

interface ClientPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Resolves with the HTTP status; rejects when the connection cannot be made. */
function sendHttps(port: number, pair?: ClientPair): Promise<number> {
  return new Promise((resolve, reject) => {
    const where = { port, host: '127.0.0.1', path: '/v1/traces', method: 'POST', agent: false };
    const options = { ...where, ...pair, ca: authority, headers: protobufType } as const;
    const outgoing = request(options, (reply) => {
      reply.resume();
      reply.on('end', () => resolve(reply.statusCode ?? 0));
    });
    outgoing.on('error', reject);
    outgoing.end(spans);
  });
}

/** Resolves with the gRPC code. */
function sendGrpc(port: number, channel = credentials.createInsecure(), token?: string) {
  const pass = (bytes: Buffer) => bytes;
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', token);
  const grpc = new Client(`localhost:${port}`, channel);
  const deadline = Date.now() + 5_000;
  return new Promise<number>((resolve) => {
    const path = exportMethodPath('traces');
    grpc.makeUnaryRequest(path, pass, pass, spans, metadata, { deadline }, (error) => {
      grpc.close();
      resolve(error?.code ?? status.OK);
    });
  });
}

describe('secure receivers', () => {
  const ring = new FakeRing();
  const open: OpenReceiver[] = [];
  after(() => Promise.all(open.map((receiver) => receiver.close(100))));

  async function openBoth(changed: Partial<ReceiverOptions>) {
    const options = ring.receiverOptions(changed);
    const [http, grpc] = [await openHttpReceiver(options), await openGrpcReceiver(options)];
    open.push(http, grpc);
    return { http: http.port, grpc: grpc.port };
  }

  it('tls: requests are taken from those who trust the certificate, and from no others', async () => {
    const ports = await openBoth({ tls: server });
    assert.equal(await sendHttps(ports.http), 200);
    assert.equal(await sendGrpc(ports.grpc, credentials.createSsl(authority)), status.OK);
    assert.equal(await sendGrpc(ports.grpc, credentials.createSsl()), status.UNAVAILABLE);
    await assert.rejects(send({ port: ports.http, body: spans, headers: protobufType }));
  });

  it('client certificates: are demanded where an authority is set', async () => {
    const ports = await openBoth({ tls: { ...server, clientAuthorities: authority } });
    assert.equal(await sendHttps(ports.http, client), 200);
    await assert.rejects(sendHttps(ports.http));
    const shown = credentials.createSsl(authority, client.key, client.cert);
    assert.equal(await sendGrpc(ports.grpc, shown), status.OK);
    assert.equal(await sendGrpc(ports.grpc, credentials.createSsl(authority)), status.UNAVAILABLE);
  });

  it('tls: a connection that never ends its handshake does not hold up the end', async () => {
    const receiver = await openHttpReceiver(ring.receiverOptions({ tls: server }));
    const idle = connect(receiver.port, '127.0.0.1');
    await new Promise((resolve) => idle.once('connect', resolve));
    const closed = new Promise((resolve) => idle.once('close', resolve));
    await receiver.close(100);
    await closed;
  });

  it('credentials: a request without known ones is refused and counted, and not taken', async () => {
    const ports = await openBoth({ authorise });
    ring.reset();
    const reply = await send({ port: ports.http, body: spans, headers: protobufType });
    assert.deepEqual([reply.status, statusOf(reply).code], [401, status.UNAUTHENTICATED]);
    assert.match(reply.headers['www-authenticate'] ?? '', /^Bearer/);
    assert.equal(await sendGrpc(ports.grpc), status.UNAUTHENTICATED);
    const wrong = await sendGrpc(ports.grpc, undefined, 'Bearer other');
    assert.equal(wrong, status.UNAUTHENTICATED);
    assert.deepEqual(ring.counts, ['traces http 401', 'traces grpc 16', 'traces grpc 16']);
    assert.equal(ring.published.length, 0);
  });

  it('credentials: a request with known ones is taken', async () => {
    const ports = await openBoth({ authorise });
    const headers = { ...protobufType, authorization: 'Bearer token' };
    assert.equal((await send({ port: ports.http, body: spans, headers })).status, 200);
    assert.equal(await sendGrpc(ports.grpc, undefined, 'Bearer token'), status.OK);
  });
});
