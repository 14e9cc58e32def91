/** The dashboard port over real HTTP. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, describe, it } from 'node:test';
import type { RecorderView } from '../../src/serve/recorder-view.ts';
import { type OpenServer, openServer } from '../../src/serve/server.ts';
import { ArcherError, problem } from '../../src/shared/errors.ts';
import { RawClient } from '../accept/http-client.ts';
import { fakeView } from './fake-view.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
}

const opened: OpenServer[] = [];
after(async () => {
  for (const server of opened) await server.close();
});

async function open(changes: Partial<RecorderView> = {}, bearerToken?: string) {
  const access = { host: '127.0.0.1', allowedHosts: [], bearerToken };
  const view = { ...fakeView(), ...changes };
  const server = await openServer({ host: '127.0.0.1', port: 0, access, view });
  opened.push(server);
  return server;
}

function ask(
  server: OpenServer,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = '',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: server.port, method, path, headers };
    const sent = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('server', () => {
  it('GET /health: 200 with the checks, 503 when one fails', async () => {
    const answer = await ask(await open(), 'GET', '/health');
    assert.equal(answer.status, 200);
    assert.deepEqual(JSON.parse(answer.body), {
      status: 'ok',
      checks: [{ name: 'lane', status: 'ok', detail: 'recording' }],
    });
    const failing = { name: 'lane', status: 'failing', detail: 'dead' } as const;
    const ill = await open({ healthChecks: () => [failing] });
    assert.equal((await ask(ill, 'GET', '/health')).status, 503);
  });

  it('GET /health: answers a request with a foreign Host, and one without Host', async () => {
    const server = await open();
    const foreign = await ask(server, 'GET', '/health', { host: 'foreign.example' });
    assert.equal(foreign.status, 200);
    const client = new RawClient(server.port);
    client.send('GET /health HTTP/1.1\r\n\r\n');
    await client.receives(/^HTTP\/1\.1 200/);
    client.socket.destroy();
  });

  it('GET /metrics: Prometheus text', async () => {
    const answer = await ask(await open(), 'GET', '/metrics');
    assert.equal(answer.status, 200);
    assert.match(answer.body, /archer_received_total\{signal="traces"\} 10/);
  });

  it('POST /api/flush and /api/rotate: return the rows and the sealed paths', async () => {
    const server = await open();
    const flushed = await ask(server, 'POST', '/api/flush');
    assert.deepEqual(JSON.parse(flushed.body), { rows: { traces: 3 } });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const rotated = await ask(server, 'POST', '/api/rotate', form, 'a=b');
    assert.deepEqual(JSON.parse(rotated.body), { sealed: ['traces/date=2026-01-01/x.arrow'] });
  });

  it('POST /api/flush: 503 with the reason when nothing can be written', async () => {
    const full = problem('ERR_ARCHER_FLUSH_FAILED', { reason: 'disk full' });
    const server = await open({ flush: () => Promise.reject(new ArcherError(full)) });
    const answer = await ask(server, 'POST', '/api/flush');
    assert.equal(answer.status, 503);
    assert.deepEqual(JSON.parse(answer.body), { error: full });
  });

  it('guards: foreign hosts, foreign pages and missing tokens get an error as JSON', async () => {
    const server = await open({}, 's3cret');
    const foreign = await ask(server, 'GET', '/metrics', { host: 'evil.example' });
    assert.equal(foreign.status, 403);
    assert.equal(JSON.parse(foreign.body).error.code, 'ERR_ARCHER_HOST_NOT_ALLOWED');
    const page = await ask(server, 'POST', '/api/flush', { origin: 'https://evil.example' });
    assert.equal(page.status, 403);
    const nobody = await ask(server, 'GET', '/metrics');
    assert.equal(nobody.status, 401);
    const friend = await ask(server, 'GET', '/metrics', { authorization: 'Bearer s3cret' });
    assert.equal(friend.status, 200);
  });

  it('an unknown path: 404 as JSON', async () => {
    const answer = await ask(await open(), 'GET', '/nothing');
    assert.equal(answer.status, 404);
    assert.equal(JSON.parse(answer.body).error.code, 'ERR_ARCHER_ROUTE_UNKNOWN');
  });

  it('openServer: rejects when the port is taken', async () => {
    const first = await open();
    const access = { host: '127.0.0.1', allowedHosts: [], bearerToken: undefined };
    const again = openServer({ host: '127.0.0.1', port: first.port, access, view: fakeView() });
    await assert.rejects(again, { code: 'EADDRINUSE' });
  });
});
