/** Tests `archer replay` as a whole: what a destination gets, and what the command says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { otlpFromJson } from '../../src/accept/json/otlp-json.ts';
import { importCommand } from '../../src/commands/import.ts';
import { replayCommand } from '../../src/commands/replay.ts';
import { openArchive } from '../../src/query/archive.ts';
import { protocols } from '../../src/shared/otlp-protocol.ts';
import type { Signal } from '../../src/shared/signal.ts';
import {
  openFakeDestination,
  type ReceivedRequest,
  unusedPort,
} from '../client/fake-destination.ts';
import { canonicalRequest } from '../columns/canonical-request.ts';
import { cleanUp, makeFolder, startRecorder } from '../recorder/recorder-process.ts';
import { runCommand } from './run-command.ts';

const fixtures = fileURLToPath(new URL('../../../fixtures/', import.meta.url));
const tls = `${fixtures}tls/`;
process.env.OTLP_WAL_MAX_BYTES = '8MiB';
process.env.OTLP_RETENTION_MIN_FREE_BYTES = '0';

function toText(signal: Signal, bytes: Uint8Array): string {
  return `${signal} ${canonicalRequest(signal, bytes).toString('base64')}`;
}

function receivedText({ signal, headers, body }: ReceivedRequest): string {
  if (headers['content-type'] !== 'application/json') return toText(signal!, body);
  const request = otlpFromJson(signal!, body);
  assert.equal(request.kind, 'message');
  return toText(signal!, request.kind === 'message' ? request.bytes : body);
}

describe('replay', () => {
  const outputDir = makeFolder();
  const archived: string[] = [];

  before(async () => {
    const file = `${fixtures}collector/telemetry.jsonl`;
    await runCommand(importCommand(), '--output-dir', outputDir, file);
    for await (const { signal, bytes } of openArchive(outputDir).requests()) {
      archived.push(toText(signal, bytes));
    }
    assert.equal(archived.length, 6);
  });
  after(cleanUp);

  function run(...args: string[]) {
    return runCommand(replayCommand(), '--output-dir', outputDir, ...args);
  }

  for (const protocol of protocols) {
    it(`${protocol}: each archived request arrives, equal, with headers and gzip`, async () => {
      const destination = await openFakeDestination(protocol === 'grpc' ? 'grpc' : 'http');
      const to = `http://127.0.0.1:${destination.port}`;
      const header = ['--header', 'x-team=shop', '--compression', 'gzip'];
      const { code, stdout, stderr } = await run(
        '--to',
        to,
        '--protocol',
        protocol,
        '--json',
        ...header,
      );
      await destination.close();
      assert.deepEqual([code, stderr], [0, []]);
      assert.deepEqual(destination.received.map(receivedText).sort(), [...archived].sort());
      const [first] = destination.received;
      assert.match(first?.headers['user-agent'] ?? '', /^archer-replay/);
      assert.equal(first?.headers['x-team'], 'shop');
      const { traces, metrics, logs, requests, fault_count } = JSON.parse(stdout[0]!);
      assert.deepEqual(
        [traces.acknowledged, metrics.acknowledged, logs.acknowledged, requests, fault_count],
        [15, 14, 24, 6, 0],
      );
    });
  }

  it('one signal, one service, a time: only those rows', async () => {
    const destination = await openFakeDestination('http');
    const to = ['--to', `http://127.0.0.1:${destination.port}`, '--json'];
    const services: string[] = [];
    for await (const { service_name } of openArchive(outputDir).spans()) {
      services.push(String(service_name));
    }
    const [service] = services;
    const one = await run(...to, '--signal', 'traces', '--service', service!);
    assert.equal(
      JSON.parse(one.stdout[0]!).acknowledged,
      services.filter((name) => name === service).length,
    );
    const before = destination.received.length;
    const none = await run(...to, '--to', '2001-01-01');
    assert.deepEqual([none.code, JSON.parse(none.stdout[0]!).requests], [0, 0]);
    assert.equal(destination.received.length, before);
    await destination.close();
  });

  it('Retry-After is waited for, and the request sent again', async () => {
    const replies = [{ status: 503, headers: { 'retry-after': '1' } }];
    const destination = await openFakeDestination('http', { replies });
    const to = `http://127.0.0.1:${destination.port}`;
    const { code, stdout } = await run('--to', to, '--signal', 'metrics', '--json');
    await destination.close();
    const { retries, seconds, acknowledged } = JSON.parse(stdout[0]!);
    assert.deepEqual([code, retries, acknowledged], [0, 1, 14]);
    assert.ok(seconds >= 1, `${seconds} s`);
  });

  it('what is refused or taken in part: counted, said, exit 1', async () => {
    const partial = JSON.stringify({ partialSuccess: { rejectedSpans: 2, errorMessage: 'old' } });
    const replies = [
      { status: 400, body: 'no' },
      { status: 200, headers: { 'content-type': 'application/json' }, body: partial },
    ];
    const destination = await openFakeDestination('http', { replies });
    const to = `http://127.0.0.1:${destination.port}`;
    const only = ['--signal', 'traces', '--concurrency', '1'];
    const { code, stdout, stderr } = await run('--to', to, ...only);
    await destination.close();
    assert.equal(code, 1);
    assert.match(stdout[0]!, /^spans +8 acknowledged, 7 rejected, 0 failed/);
    assert.match(stderr[0]!, /^archer: 7 spans were not acknowledged; .*: old$/);
  });

  it('a wrong token: ends after a handful, and says so', async () => {
    const destination = await openFakeDestination('grpc');
    destination.script.otherwise = { code: 16, details: 'no token' };
    const to = `127.0.0.1:${destination.port}`;
    const args = ['--to', to, '--protocol', 'grpc', '--concurrency', '1'];
    const { code, stderr } = await run(...args);
    await destination.close();
    assert.equal(code, 1);
    assert.equal(destination.received.length, 1);
    assert.match(stderr[0]!, /takes no requests: gRPC UNAUTHENTICATED no token/);
  });

  it('TLS: with an authority and a certificate of its own', async () => {
    const pem = (name: string) => readFileSync(`${tls}${name}.pem`);
    const pair = { cert: pem('server'), key: pem('server.key') };
    const options = { tls: { ...pair, clientAuthority: pem('authority') } };
    const destination = await openFakeDestination('http', options);
    const { code } = await run(
      ...['--to', `https://localhost:${destination.port}`, '--ca-file', `${tls}authority.pem`],
      ...['--cert-file', `${tls}client.pem`, '--key-file', `${tls}client.key.pem`],
    );
    await destination.close();
    assert.equal(code, 0);
    assert.equal(destination.received.length, 6);
  });

  it('into a recorder: the same rows, and a replay into the own archive ends', async () => {
    const recorder = await startRecorder();
    const to = `http://127.0.0.1:${recorder.ports.grpc}`;
    assert.equal((await run('--to', to, '--protocol', 'grpc')).code, 0);
    await recorder.post('/api/flush');
    const own = ['--output-dir', recorder.outputDir, '--json'];
    const args = ['--to', `http://127.0.0.1:${recorder.ports.http}`, ...own];
    const { code, stdout } = await runCommand(replayCommand(), ...args);
    assert.deepEqual([code, JSON.parse(stdout[0]!).requests], [0, 6]);
    await recorder.stop();
    const found: string[] = [];
    for await (const { signal, bytes } of openArchive(recorder.outputDir).requests()) {
      found.push(toText(signal, bytes));
    }
    assert.deepEqual(found.sort(), [...archived, ...archived].sort());
  });

  it('wrong usage: one line each, exit 2; no archive: exit 1', async () => {
    const { code, stderr } = await run('--to', 'nowhere', '--from', 'soon');
    assert.equal(code, 2);
    assert.equal(stderr.length, 2);
    const to = `http://127.0.0.1:${await unusedPort()}`;
    const missing = await runCommand(
      replayCommand(),
      '--to',
      to,
      '--output-dir',
      '/nowhere/at/all',
    );
    assert.equal(missing.code, 1);
    assert.match(missing.stderr[0]!, /is not a folder/);
    await assert.rejects(run('--to', to, '--speed', 'fast'), /1x, 2x or 0\.5x/);
  });
});
