/** Both receivers treat all signals alike: what each is answered, and what it is called. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { openGrpcReceiver } from '../../src/accept/grpc/grpc-receiver.ts';
import { openHttpReceiver } from '../../src/accept/http/http-receiver.ts';
import type { OpenReceiver } from '../../src/accept/receiver.ts';
import { exportMethodPath, requestName, responseType } from '../../src/shared/otlp-messages.ts';
import { type Signal, signals } from '../../src/shared/signal.ts';
import { encodeRequest, FakeRing, jsonRequest, requestNames } from './fake-ring.ts';
import { jsonType, protobufType, send, statusOf } from './http-client.ts';

interface GrpcAnswer {
  readonly error: ServiceError | null;
  readonly response: Buffer | undefined;
}

function call(client: Client, signal: Signal, body: Buffer): Promise<GrpcAnswer> {
  const pass = (bytes: Buffer) => bytes;
  return new Promise((resolve) => {
    client.makeUnaryRequest(exportMethodPath(signal), pass, pass, body, (error, response) => {
      resolve({ error, response });
    });
  });
}

for (const signal of signals) {
  describe(`receivers, ${signal}`, () => {
    const ring = new FakeRing();
    const body = encodeRequest(signal, 10);
    const path = `/v1/${signal}`;
    let http: OpenReceiver;
    let grpc: OpenReceiver;
    let client: Client;

    before(async () => {
      http = await openHttpReceiver(ring.receiverOptions());
      grpc = await openGrpcReceiver(ring.receiverOptions());
      client = new Client(`127.0.0.1:${grpc.port}`, credentials.createInsecure());
    });
    after(async () => {
      client.close();
      await Promise.all([http.close(100), grpc.close(100)]);
    });
    afterEach(() => {
      assert.equal(ring.intake.inflightBytes, 0, 'nothing is left reserved');
      ring.reset();
    });

    /** A full success: no partial_success is set. */
    function assertSuccess(response: Uint8Array): void {
      const type = responseType(signal);
      assert.deepEqual(type.toObject(type.decode(response)), {});
    }

    it('HTTP: protobuf, plain and gzip, passes on as it came', async () => {
      const headers = { ...protobufType, 'content-encoding': 'gzip' };
      const { port } = http;
      const plain = await send({ port, path, body, headers: protobufType });
      const zipped = await send({ port, path, body: gzipSync(body), headers });
      for (const reply of [plain, zipped]) {
        assert.equal(reply.status, 200);
        assert.equal(reply.headers['content-type'], 'application/x-protobuf');
        assertSuccess(reply.body);
      }
      for (const published of ring.published) {
        assert.equal(published.signal, signal);
        assert.ok(published.bytes.equals(body));
      }
      assert.deepEqual(ring.counts, [`${signal} http 200`, `${signal} http 200`]);
    });

    it('HTTP: JSON passes on as the same protobuf', async () => {
      const json = Buffer.from(JSON.stringify(jsonRequest(signal, 10)));
      const reply = await send({ port: http.port, path, body: json, headers: jsonType });
      assert.equal(reply.status, 200);
      assert.equal(reply.headers['content-type'], 'application/json');
      assert.equal(reply.body.toString(), '{}');
      assert.ok(ring.published[0]?.bytes.equals(body));
      assert.equal(ring.published[0]?.signal, signal);
    });

    it('gRPC: its service takes it', async () => {
      const { error, response } = await call(client, signal, body);
      assert.equal(error, null);
      assertSuccess(response ?? Buffer.from('nothing'));
      assert.ok(ring.published[0]?.bytes.equals(body));
      assert.equal(ring.published[0]?.signal, signal);
      assert.deepEqual(ring.counts, [`${signal} grpc 0`]);
    });

    it('an empty body is a request without items', async () => {
      const empty = Buffer.alloc(0);
      const reply = await send({ port: http.port, path, body: empty, headers: protobufType });
      assert.equal(reply.status, 200);
      assert.equal((await call(client, signal, empty)).error, null);
      assert.deepEqual(
        ring.published.map(({ bytes }) => bytes.length),
        [0, 0],
      );
    });

    it('malformed: 400 and INVALID_ARGUMENT, which name the request', async () => {
      ring.outcome = 'malformed';
      const words = new RegExp(`not a valid ${requestName(signal)}: `);
      const reply = await send({ port: http.port, path, body, headers: protobufType });
      assert.equal(reply.status, 400);
      assert.match(statusOf(reply).message, words);
      const { error } = await call(client, signal, body);
      assert.equal(error?.code, status.INVALID_ARGUMENT);
      assert.match(error?.details ?? '', words);
      assert.deepEqual(ring.counts, [`${signal} http 400`, `${signal} grpc 3`]);
    });

    it('malformed JSON: 400, which names the place', async () => {
      const [groups] = requestNames[signal];
      const json = Buffer.from(`{"${groups}":[{},{"schemaUrl":7}]}`);
      const reply = await send({ port: http.port, path, body: json, headers: jsonType });
      assert.equal(reply.status, 400);
      const { message } = statusOf(reply);
      assert.ok(message.includes(`${groups}[1].schemaUrl is 7, not a string`), message);
    });

    it('unavailable: 503 and UNAVAILABLE, to be sent again', async () => {
      ring.outcome = 'unavailable';
      const reply = await send({ port: http.port, path, body, headers: protobufType });
      assert.equal(reply.status, 503);
      assert.equal(reply.headers['retry-after'], '1');
      assert.equal((await call(client, signal, body)).error?.code, status.UNAVAILABLE);
    });

    it('a signal that is not listed: 404 and UNIMPLEMENTED', async () => {
      const others = signals.filter((other) => other !== signal);
      const options = ring.receiverOptions({ signals: others });
      const [narrowHttp, narrowGrpc] = await Promise.all([
        openHttpReceiver(options),
        openGrpcReceiver(options),
      ]);
      const narrow = new Client(`127.0.0.1:${narrowGrpc.port}`, credentials.createInsecure());
      const reply = await send({ port: narrowHttp.port, path, body, headers: protobufType });
      assert.equal(reply.status, 404);
      assert.equal((await call(narrow, signal, body)).error?.code, status.UNIMPLEMENTED);
      assert.deepEqual(ring.counts, ['unknown http 404']);
      assert.equal(ring.published.length, 0);
      narrow.close();
      await Promise.all([narrowHttp.close(100), narrowGrpc.close(100)]);
    });
  });
}
