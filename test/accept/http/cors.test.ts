/** Requests from pages of other origins, over a real connection. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openHttpReceiver } from '../../../src/accept/http/http-receiver.ts';
import type { OpenReceiver } from '../../../src/accept/receiver.ts';
import { encodeSpans, FakeRing } from '../fake-ring.ts';
import { protobufType, send } from '../http-client.ts';

const corsOrigins = ['https://shop.example', 'http://localhost:*'];
const allowOrigin = 'access-control-allow-origin';

describe('cors', () => {
  const ring = new FakeRing();
  const open: OpenReceiver[] = [];
  const ports: number[] = [];
  before(async () => {
    for (const origins of [corsOrigins, [], ['*']]) {
      const options = ring.receiverOptions({ corsOrigins: origins });
      open.push(await openHttpReceiver(options));
    }
    ports.push(...open.map(({ port }) => port));
  });
  after(() => Promise.all(open.map((receiver) => receiver.close(100))));

  function preflight(origin: string, port = ports[0]!) {
    const wanted = { 'access-control-request-headers': 'authorization,content-type' };
    const headers = { origin, 'access-control-request-method': 'POST', ...wanted };
    return send({ port, method: 'OPTIONS', headers });
  }

  it('a preflight from an allowed origin: 204 with the allowed method and headers', async () => {
    for (const origin of ['https://shop.example', 'http://localhost:3000']) {
      const { status, headers } = await preflight(origin);
      assert.equal(status, 204);
      assert.equal(headers[allowOrigin], origin);
      assert.equal(headers['access-control-allow-credentials'], 'true');
      assert.equal(headers['access-control-allow-methods'], 'POST');
      assert.equal(headers['access-control-allow-headers'], 'authorization,content-type');
      assert.equal(headers.vary, 'origin');
    }
  });

  it('a preflight from another origin: 204 that allows nothing', async () => {
    for (const origin of ['https://shop.example.evil', 'https://xshop.example', 'null']) {
      const { status, headers } = await preflight(origin);
      assert.deepEqual([status, headers[allowOrigin]], [204, undefined]);
      assert.equal(headers['access-control-allow-credentials'], undefined);
    }
  });

  it('a request: allowed origins may read the answer', async () => {
    const answers = ['https://shop.example', 'https://other.example'].map((origin) => {
      return send({ port: ports[0]!, body: encodeSpans(1), headers: { ...protobufType, origin } });
    });
    const [allowed, other] = await Promise.all(answers);
    assert.deepEqual(
      [allowed?.status, allowed?.headers[allowOrigin]],
      [200, 'https://shop.example'],
    );
    assert.deepEqual([other?.status, other?.headers[allowOrigin]], [200, undefined]);
  });

  it('a refusal: may be read too', async () => {
    const headers = { 'content-type': 'text/plain', origin: 'https://shop.example' };
    const reply = await send({ port: ports[0]!, body: Buffer.from('x'), headers });
    assert.deepEqual([reply.status, reply.headers[allowOrigin]], [415, 'https://shop.example']);
  });

  it('a star alone: every origin', async () => {
    const { headers } = await preflight('https://anything.example', ports[2]!);
    assert.equal(headers[allowOrigin], 'https://anything.example');
  });

  it('no origins set: a preflight is answered with 405', async () => {
    assert.equal((await preflight('https://shop.example', ports[1]!)).status, 405);
  });
});
