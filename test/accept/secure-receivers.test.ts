/** TLS, client certificates and credentials of both receivers, over real connections. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { connect } from 'node:net';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { openAuthorisation } from '../../src/accept/credentials.ts';
import { openGrpcReceiver } from '../../src/accept/grpc/grpc-receiver.ts';
import { openHttpReceiver } from '../../src/accept/http/http-receiver.ts';
import type { OpenReceiver, ReceiverOptions } from '../../src/accept/receiver.ts';
import type { TlsMaterial } from '../../src/accept/tls-material.ts';
import { exportMethodPath } from '../../src/shared/otlp-messages.ts';
import { encodeSpans, FakeRing } from './fake-ring.ts';
import { protobufType, send, statusOf } from './http-client.ts';

const folder = fileURLToPath(new URL('../../../fixtures/tls/', import.meta.url));
const pem = (name: string) => readFileSync(`${folder}${name}.pem`);
const authority = pem('authority');
const renewedAuthority = pem('renewed-authority');
const server = serverMaterial('server');
const client = { cert: pem('client'), key: pem('client.key') };
const spans = encodeSpans(3);
const authorise = openAuthorisation({ bearerTokens: ['token'], basic: [] });

interface ClientPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

function serverMaterial(name: string): TlsMaterial {
  return { certificate: pem(name).toString(), key: pem(`${name}.key`).toString() };
}

/** Resolves with the HTTP status; rejects when the connection cannot be made. */
function sendHttps(
  port: number,
  ca: Buffer,
  pair?: ClientPair,
  agent: Agent | false = false,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const where = { port, host: '127.0.0.1', path: '/v1/traces', method: 'POST', agent };
    const options = { ...where, ...pair, ca, headers: protobufType } as const;
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
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', token);
  const grpc = new Client(`localhost:${port}`, channel);
  return callExport(grpc, metadata).finally(() => grpc.close());
}

function callExport(grpc: Client, metadata = new Metadata()): Promise<number> {
  const pass = (bytes: Buffer) => bytes;
  const deadline = Date.now() + 5_000;
  return new Promise((resolve) => {
    const path = exportMethodPath('traces');
    grpc.makeUnaryRequest(path, pass, pass, spans, metadata, { deadline }, (error) => {
      resolve(error?.code ?? status.OK);
    });
  });
}

/** One client of each protocol; each sends all its requests over one connection. */
function keptClients(httpPort: number, grpcPort: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const grpc = new Client(`localhost:${grpcPort}`, credentials.createSsl(authority));
  return {
    send: () => Promise.all([sendHttps(httpPort, authority, undefined, agent), callExport(grpc)]),
    close: () => {
      agent.destroy();
      grpc.close();
    },
  };
}

describe('secure receivers', () => {
  const ring = new FakeRing();
  const open: OpenReceiver[] = [];
  after(() => Promise.all(open.map((receiver) => receiver.close(100))));

  async function openBoth(changed: Partial<ReceiverOptions>) {
    const options = ring.receiverOptions(changed);
    const [http, grpc] = [await openHttpReceiver(options), await openGrpcReceiver(options)];
    open.push(http, grpc);
    return [http, grpc] as const;
  }

  it('tls: clients that trust the certificate can send, others cannot', async () => {
    const [http, grpc] = await openBoth({ tls: server });
    assert.equal(await sendHttps(http.port, authority), 200);
    assert.equal(await sendGrpc(grpc.port, credentials.createSsl(authority)), status.OK);
    assert.equal(await sendGrpc(grpc.port, credentials.createSsl()), status.UNAVAILABLE);
    await assert.rejects(send({ port: http.port, body: spans, headers: protobufType }));
  });

  it('client certificates: are demanded if a client authority is set', async () => {
    const [http, grpc] = await openBoth({
      tls: { ...server, clientAuthorities: authority.toString() },
    });
    assert.equal(await sendHttps(http.port, authority, client), 200);
    await assert.rejects(sendHttps(http.port, authority));
    const shown = credentials.createSsl(authority, client.key, client.cert);
    assert.equal(await sendGrpc(grpc.port, shown), status.OK);
    assert.equal(await sendGrpc(grpc.port, credentials.createSsl(authority)), status.UNAVAILABLE);
  });

  it('setTls: new connections get the new certificate, open ones go on', async () => {
    const [http, grpc] = await openBoth({ tls: server });
    const kept = keptClients(http.port, grpc.port);
    assert.deepEqual(await kept.send(), [200, status.OK]);
    for (const receiver of [http, grpc]) receiver.setTls(serverMaterial('renewed-server'));
    assert.deepEqual(await kept.send(), [200, status.OK], 'an open connection');
    kept.close();
    assert.equal(await sendHttps(http.port, renewedAuthority), 200);
    await assert.rejects(sendHttps(http.port, authority));
    assert.equal(await sendGrpc(grpc.port, credentials.createSsl(renewedAuthority)), status.OK);
    const old = await sendGrpc(grpc.port, credentials.createSsl(authority));
    assert.equal(old, status.UNAVAILABLE);
  });

  it('setTls: new connections need a certificate of the new client authority', async () => {
    const clientAuthorities = authority.toString();
    const [http, grpc] = await openBoth({ tls: { ...server, clientAuthorities } });
    const renewed = { ...server, clientAuthorities: renewedAuthority.toString() };
    for (const receiver of [http, grpc]) receiver.setTls(renewed);
    const newClient = { cert: pem('renewed-client'), key: pem('renewed-client.key') };
    assert.equal(await sendHttps(http.port, authority, newClient), 200);
    await assert.rejects(sendHttps(http.port, authority, client));
    const shown = credentials.createSsl(authority, newClient.key, newClient.cert);
    assert.equal(await sendGrpc(grpc.port, shown), status.OK);
    const old = credentials.createSsl(authority, client.key, client.cert);
    assert.equal(await sendGrpc(grpc.port, old), status.UNAVAILABLE);
  });

  it('tls: close does not wait for a connection that never ends its handshake', async () => {
    const receiver = await openHttpReceiver(ring.receiverOptions({ tls: server }));
    const idle = connect(receiver.port, '127.0.0.1');
    await new Promise((resolve) => idle.once('connect', resolve));
    const closed = new Promise((resolve) => idle.once('close', resolve));
    await receiver.close(100);
    await closed;
  });

  it('credentials: a request without known credentials is refused and counted', async () => {
    const [http, grpc] = await openBoth({ authorise });
    ring.reset();
    const reply = await send({ port: http.port, body: spans, headers: protobufType });
    assert.deepEqual([reply.status, statusOf(reply).code], [401, status.UNAUTHENTICATED]);
    assert.match(reply.headers['www-authenticate'] ?? '', /^Bearer/);
    assert.equal(await sendGrpc(grpc.port), status.UNAUTHENTICATED);
    const wrong = await sendGrpc(grpc.port, undefined, 'Bearer other');
    assert.equal(wrong, status.UNAUTHENTICATED);
    assert.deepEqual(ring.counts, ['traces http 401', 'traces grpc 16', 'traces grpc 16']);
    assert.equal(ring.published.length, 0);
  });

  it('credentials: a request with known credentials is accepted', async () => {
    const [http, grpc] = await openBoth({ authorise });
    const headers = { ...protobufType, authorization: 'Bearer token' };
    assert.equal((await send({ port: http.port, body: spans, headers })).status, 200);
    assert.equal(await sendGrpc(grpc.port, undefined, 'Bearer token'), status.OK);
  });
});
