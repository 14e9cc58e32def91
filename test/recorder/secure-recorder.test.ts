/** A recorder that demands TLS and credentials, and lets pages of one origin send. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { credentials, Metadata } from '@grpc/grpc-js';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { readArchive } from '../query/recorded-rows.ts';
import { cleanUp, makeFolder, runArcher, startRecorder } from './recorder-process.ts';

const tls = fileURLToPath(new URL('../../../fixtures/tls/', import.meta.url));
const authority = readFileSync(`${tls}authority.pem`);
const secured = [
  ...['--tls-cert-file', `${tls}server.pem`, '--tls-key-file', `${tls}server.key.pem`],
  ...['--auth-bearer-tokens', 'first,second', '--http-cors-origins', 'https://shop.example'],
];

after(cleanUp);

function post(
  port: number,
  headers: Record<string, string>,
): Promise<[number, string | undefined]> {
  return new Promise((resolve, reject) => {
    const where = { port, host: '127.0.0.1', path: '/v1/traces', method: 'POST', ca: authority };
    const type = { 'content-type': 'application/json' };
    const outgoing = request({ ...where, headers: { ...type, ...headers } }, (reply) => {
      reply.resume();
      const origin = reply.headers['access-control-allow-origin'];
      resolve([reply.statusCode ?? 0, origin]);
    });
    outgoing.on('error', reject);
    outgoing.end('{}');
  });
}

describe('secure recorder', () => {
  it('takes what has a known token, over TLS alone; an SDK’s spans arrive', async () => {
    const recorder = await startRecorder(secured);
    const { http, grpc } = recorder.ports;
    const origin = 'https://shop.example';
    assert.deepEqual(await post(http, {}), [401, undefined]);
    assert.deepEqual(await post(http, { authorization: 'Bearer second', origin }), [200, origin]);
    await assert.rejects(fetch(`http://127.0.0.1:${http}/v1/traces`, { method: 'POST' }));

    const metadata = new Metadata();
    metadata.set('authorization', 'Bearer first');
    const url = `https://localhost:${grpc}`;
    const options = { url, metadata, credentials: credentials.createSsl(authority) };
    const exporter = new OTLPTraceExporter(options);
    const provider = new BasicTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    });
    provider.getTracer('test').startSpan('over TLS').end();
    await provider.shutdown();
    assert.equal((await recorder.stop()).code, 0);
    assert.deepEqual(
      readArchive(recorder.outputDir).map(({ name }) => name),
      ['over TLS'],
    );
  });

  it('a certificate that is not there: exit 2, and the setting is named', async () => {
    const flags = ['--tls-cert-file', '/nowhere.pem', '--tls-key-file', `${tls}server.key.pem`];
    const folder = ['--output-dir', makeFolder(), '--retention-min-free-bytes', '0'];
    const { code, stderr } = await runArcher(['record', ...folder, ...flags]);
    assert.equal(code, 2);
    assert.match(stderr, /^archer: tls\.cert_file: there is no file \/nowhere\.pem/m);
  });
});
