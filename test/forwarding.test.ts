/** A recorder forwards to another one: through outages, kills and a log that is too small. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { requestType } from '../src/shared/otlp-messages.ts';
import { type Signal, signals } from '../src/shared/signal.ts';
import { readSignal } from './archive.ts';
import { cleanUp, makeFolder, type RecorderProcess, startRecorder } from './recorder-process.ts';

after(cleanUp);

/** Whatever takes longer is a failure, not a slow machine. */
const arrivalMsMax = 30_000;

interface Destination {
  readonly port: number;
  readonly protocol?: string;
  readonly more?: string;
}

/** Starts a recorder with a file that names a destination. */
function startForwarding(
  { port, protocol = 'http/protobuf', more = '' }: Destination,
  flags: readonly string[] = [],
  outputDir = makeFolder(),
): Promise<RecorderProcess> {
  const file = join(makeFolder(), 'archer.yaml');
  const retry = 'retry: {initial_delay: 20ms, max_delay: 200ms}, breaker: {reset_timeout: 200ms}';
  const place = `endpoint: "http://127.0.0.1:${port}", protocol: ${protocol}`;
  writeFileSync(file, `forwarding: [{name: up, ${place}, ${retry}${more && `, ${more}`}}]\n`);
  return startRecorder(['--config', file, '--batch-max-age', '200ms', ...flags], outputDir);
}

/** A port that nobody listens on for the moment. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
      server.close(() => resolve(port));
    });
  });
}

/** One item, known by the attribute `id`. */
function requestOf(signal: Signal, id: number, fillBytes = 0): Uint8Array {
  const fill = 'x'.repeat(fillBytes);
  const attributes = [
    { key: 'id', value: { intValue: id } },
    { key: 'fill', value: { stringValue: fill } },
  ];
  const traceId = Buffer.alloc(16);
  traceId.writeUInt32BE(Math.imul(id, 2654435761) >>> 0, 12);
  const messages = {
    traces: {
      resourceSpans: [{ scopeSpans: [{ spans: [{ traceId, name: 'x', attributes }] }] }],
    },
    metrics: {
      resourceMetrics: [
        {
          scopeMetrics: [
            { metrics: [{ name: 'x', gauge: { dataPoints: [{ asInt: id, attributes }] } }] },
          ],
        },
      ],
    },
    logs: { resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes }] }] }] },
  };
  const type = requestType(signal);
  return type.encode(type.fromObject(messages[signal])).finish();
}

async function post(recorder: RecorderProcess, signal: Signal, id: number, fillBytes = 0) {
  const response = await fetch(`http://127.0.0.1:${recorder.ports.http}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(requestOf(signal, id, fillBytes)),
  });
  assert.equal(response.status, 200);
}

function ids(outputDir: string, signal: Signal): number[] {
  return readSignal(outputDir, signal).map((row) => Number(JSON.parse(String(row.attributes)).id));
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Waits until the destination has all of these, whatever else. */
async function arrived(destination: RecorderProcess, wanted: readonly number[], signal: Signal) {
  const endMs = performance.now() + arrivalMsMax;
  for (;;) {
    await destination.post('/api/flush');
    const there = new Set(ids(destination.outputDir, signal));
    const missing = wanted.filter((id) => !there.has(id));
    if (missing.length === 0) return;
    assert.ok(performance.now() < endMs, `${missing.length} of ${wanted.length} did not arrive`);
    await sleep(100);
  }
}

async function metric(recorder: RecorderProcess, name: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${recorder.ports.dashboard}/metrics`);
  const line = (await answer.text()).split('\n').find((each) => each.startsWith(`${name}{`));
  return Number(line?.split(' ')[1]);
}

describe('forwarding', () => {
  for (const protocol of ['http/protobuf', 'http/json', 'grpc']) {
    it(`${protocol}: all three signals arrive, each request once`, async () => {
      const upstream = await startRecorder();
      const port = protocol === 'grpc' ? upstream.ports.grpc : upstream.ports.http;
      const recorder = await startForwarding({ port, protocol });
      for (const id of range(20)) for (const signal of signals) await post(recorder, signal, id);
      for (const signal of signals) await arrived(upstream, range(20), signal);
      assert.equal(await metric(recorder, 'archer_forward_delivered_requests_total'), 60);
      assert.equal(await metric(recorder, 'archer_forward_lag_requests'), 0);
      assert.equal((await recorder.stop()).code, 0);
      await upstream.stop();
      for (const signal of signals) {
        assert.deepEqual(
          ids(upstream.outputDir, signal).toSorted((a, b) => a - b),
          range(20),
        );
      }
    });
  }

  it('a destination that is away: degraded, and all arrives when it is back', async () => {
    const port = await freePort();
    const recorder = await startForwarding({ port });
    for (const id of range(30)) await post(recorder, 'traces', id);
    let health = { status: '' };
    for (let looks = 0; looks < 100 && health.status !== 'degraded'; looks++) {
      const answer = await fetch(`http://127.0.0.1:${recorder.ports.dashboard}/health`);
      assert.equal(answer.status, 200);
      health = (await answer.json()) as typeof health;
      await sleep(50);
    }
    assert.equal(health.status, 'degraded');
    const upstream = await startRecorder(['--http-port', String(port)]);
    await arrived(upstream, range(30), 'traces');
    await recorder.stop();
    await upstream.stop();
    assert.equal(ids(upstream.outputDir, 'traces').length, 30);
  });

  it('kill -9 while the destination is away: the next start brings everything', async () => {
    const port = await freePort();
    const first = await startForwarding({ port });
    for (const id of range(25)) await post(first, 'logs', id);
    await first.stop('SIGKILL');
    const second = await startForwarding({ port }, [], first.outputDir);
    await post(second, 'logs', 25);
    const upstream = await startRecorder(['--http-port', String(port)]);
    await arrived(upstream, range(26), 'logs');
    await second.stop();
    await upstream.stop();
  });

  it('a log that is overtaken: the archive goes on in its place', async () => {
    const port = await freePort();
    const flags = ['--wal-max-bytes', '8MiB', '--batch-max-rows', '10'];
    const recorder = await startForwarding({ port }, flags);
    for (const id of range(120)) {
      for (const signal of ['traces', 'logs'] as const) await post(recorder, signal, id, 100_000);
    }
    const upstream = await startRecorder(['--http-port', String(port)]);
    for (const signal of ['traces', 'logs'] as const) await arrived(upstream, range(120), signal);
    assert.equal(await metric(recorder, 'archer_forward_lost_requests_total'), 0);
    await post(recorder, 'traces', 120);
    await arrived(upstream, range(121), 'traces');
    await recorder.stop();
    await upstream.stop();
  });

  for (const [start, expected] of [
    ['now', [5, 6]],
    ['beginning', range(7)],
  ] as const) {
    it(`start: ${start}: of what was recorded before, ${expected.length - 2} requests`, async () => {
      const before = await startRecorder();
      for (const id of range(5)) await post(before, 'traces', id);
      await before.stop();
      const upstream = await startRecorder();
      const destination = { port: upstream.ports.http, more: `start: ${start}` };
      const recorder = await startForwarding(destination, [], before.outputDir);
      for (const id of [5, 6]) await post(recorder, 'traces', id);
      await arrived(upstream, expected, 'traces');
      await recorder.stop();
      await upstream.stop();
      assert.deepEqual(
        ids(upstream.outputDir, 'traces').toSorted((a, b) => a - b),
        expected,
      );
    });
  }
});
