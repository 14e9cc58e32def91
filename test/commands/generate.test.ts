/** Tests `archer generate` as a whole: what arrives, what it prints and how it ends. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { describe, it } from 'node:test';
import { requestType } from '../../src/shared/otlp-messages.ts';
import { signals } from '../../src/shared/signal.ts';
import {
  openFakeDestination,
  type ReceivedRequest,
  unusedPort,
} from '../client/fake-destination.ts';

const module = new URL('../../src/commands/generate.js', import.meta.url).href;
const script = `
  const { generateCommand } = await import('${module}');
  await generateCommand().parseAsync(process.argv.slice(1), { from: 'user' });`;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(...args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, '--', ...args]);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += chunk));
  child.stderr.on('data', (chunk) => (output.stderr += chunk));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, ...output }));
  });
  return { child, ended };
}

// biome-ignore lint/suspicious/noExplicitAny: decoded messages are walked through freely.
type Message = any;

function decode({ headers, body, signal }: ReceivedRequest): Message {
  if (headers['content-type'] === 'application/json') return JSON.parse(body.toString());
  const type = requestType(signal!);
  return type.toObject(type.decode(body), { longs: String });
}

function countSpans(messages: readonly Message[]): number {
  return messages
    .flatMap((message) => message.resourceSpans)
    .flatMap((group) => group.scopeSpans)
    .reduce((sum, { spans }) => sum + spans.length, 0);
}

/** Spans, log records, or data points of any kind. */
function countItems(message: Message): number {
  const groups = message.resourceSpans ?? message.resourceLogs ?? message.resourceMetrics;
  const scopes = groups.flatMap((group: Message) => {
    return group.scopeSpans ?? group.scopeLogs ?? group.scopeMetrics;
  });
  const items = scopes.flatMap((scope: Message) => {
    return scope.spans ?? scope.logRecords ?? scope.metrics.flatMap(pointsOf);
  });
  return items.length;
}

function pointsOf(metric: Message): Message[] {
  const { gauge, sum, histogram, exponentialHistogram, summary } = metric;
  return (gauge ?? sum ?? histogram ?? exponentialHistogram ?? summary).dataPoints;
}

// Each waits more than it works.
describe('generate', { concurrency: 3 }, () => {
  for (const protocol of ['http/protobuf', 'http/json']) {
    it(`${protocol}: exactly rate times duration spans arrive`, async () => {
      const server = await openFakeDestination('http');
      const { ended } = start(
        ...['--endpoint', `http://127.0.0.1:${server.port}`, '--protocol', protocol],
        ...[
          '--signals',
          'traces',
          '--rate',
          '5500',
          '--duration',
          '200ms',
          '--seed',
          '7',
          '--json',
        ],
      );
      const { code, stdout, stderr } = await ended;
      await server.close();
      assert.equal(stderr, '');
      assert.equal(code, 0);
      assert.equal(countSpans(server.received.map(decode)), 1100);
      const summary = JSON.parse(stdout);
      assert.equal(summary.acknowledged, 1100);
      assert.equal(summary.requests, 6);
      assert.equal(summary.seed, 7);
      assert.ok(summary.seconds >= 0.2, stdout);
    });
  }

  it('grpc: the spans arrive, the seed is printed when it was not given', async () => {
    const server = await openFakeDestination('grpc');
    const endpoint = `127.0.0.1:${server.port}`;
    const { ended } = start(
      ...['--endpoint', endpoint, '--protocol', 'grpc', '--compression', 'gzip'],
      ...['--signals', 'traces', '--rate', '5000', '--duration', '100ms'],
    );
    const { code, stdout, stderr } = await ended;
    await server.close();
    assert.equal(code, 0);
    assert.equal(countSpans(server.received.map(decode)), 500);
    assert.match(server.received[0]?.headers['user-agent'] ?? '', /^archer-generate/);
    assert.match(stderr, /^seed (\d+) \(for the same telemetry again: --seed \1\)\n$/);
    assert.match(stdout, /^spans +500 acknowledged, 0 rejected, 0 failed\n/);
  });

  for (const protocol of ['http/protobuf', 'http/json', 'grpc']) {
    it(`${protocol}: all three signals arrive, each counted as the summary says`, async () => {
      const server = await openFakeDestination(protocol === 'grpc' ? 'grpc' : 'http');
      const { ended } = start(
        ...['--endpoint', `http://127.0.0.1:${server.port}`, '--protocol', protocol],
        ...['--rate', '4000', '--duration', '500ms', '--metric-interval', '200ms'],
        ...['--series', '2000', '--seed', '7', '--json'],
      );
      const { code, stdout, stderr } = await ended;
      await server.close();
      assert.equal(code, 0, stderr);
      const counts = { traces: 0, metrics: 0, logs: 0 };
      for (const one of server.received) counts[one.signal!] += countItems(decode(one));
      const summary = JSON.parse(stdout);
      for (const signal of signals) {
        const { acknowledged, rejected, failed } = summary[signal];
        assert.deepEqual([acknowledged, rejected, failed], [counts[signal], 0, 0], signal);
      }
      assert.equal(counts.traces, 2000);
      assert.equal(counts.metrics, 3 * 2000, 'two intervals and the end');
      assert.ok(counts.logs > 400, `${counts.logs} log records`);
    });
  }

  it('503 with Retry-After, then 200: sent again, and all is acknowledged', async () => {
    const busy = { status: 503, headers: { 'retry-after': '1' } };
    const server = await openFakeDestination('http', { replies: [busy] });
    const endpoint = `http://127.0.0.1:${server.port}`;
    const options = [
      '--signals',
      'traces',
      '--rate',
      '1000',
      '--duration',
      '100ms',
      '--seed',
      '1',
      '--json',
    ];
    const { code, stdout } = await start('--endpoint', endpoint, ...options).ended;
    await server.close();
    assert.equal(code, 0);
    const { acknowledged, retries, seconds } = JSON.parse(stdout);
    assert.deepEqual([acknowledged, retries], [100, 1]);
    assert.ok(seconds >= 1.1, stdout);
    assert.deepEqual(server.received[0]?.body, server.received[1]?.body);
  });

  it('400: exit code 1, with the reason', async () => {
    const refusal = { status: 400, headers: { 'content-type': 'text/plain' }, body: 'no' };
    const server = await openFakeDestination('http', { replies: [refusal] });
    const endpoint = `http://127.0.0.1:${server.port}`;
    const options = [
      '--signals',
      'traces',
      '--rate',
      '4000',
      '--duration',
      '100ms',
      '--seed',
      '1',
      '--json',
    ];
    const { code, stdout, stderr } = await start('--endpoint', endpoint, ...options).ended;
    await server.close();
    assert.equal(code, 1);
    assert.equal(JSON.parse(stdout).rejected, 200);
    assert.equal(JSON.parse(stdout).acknowledged, 200);
    assert.match(stderr, /^\{"error":.*"200 spans were not acknowledged.*HTTP 400 no"\}\}\n$/);
  });

  it('SIGINT: ends early with the summary', async () => {
    const server = await openFakeDestination('http');
    const endpoint = `http://127.0.0.1:${server.port}`;
    const options = [
      '--signals',
      'traces',
      '--rate',
      '2000',
      '--duration',
      '1h',
      '--seed',
      '1',
      '--json',
    ];
    const { child, ended } = start('--endpoint', endpoint, ...options);
    while (server.received.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    await server.close();
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).acknowledged, countSpans(server.received.map(decode)));
  });

  it('nobody listens: gives up, exit code 1, names endpoint and remedy', async () => {
    const endpoint = `http://127.0.0.1:${await unusedPort()}`;
    const options = [
      '--signals',
      'traces',
      '--rate',
      '100000',
      '--seed',
      '1',
      '--json',
      '--concurrency',
      '1',
    ];
    const { code, stdout, stderr } = await start('--endpoint', endpoint, ...options).ended;
    assert.equal(code, 1);
    assert.equal(JSON.parse(stdout).failed, 200);
    assert.match(stderr, /^archer: http:.*takes no request \(.*ECONNREFUSED.*\): trying again\n/);
    assert.match(
      stderr,
      /\n\{"error":.*http:.*takes no requests.*ECONNREFUSED.*archer record.*\n$/,
    );
  });

  it('a wrong option: one line that names it', async () => {
    const { code, stderr } = await start('--duration', '10').ended;
    assert.notEqual(code, 0);
    assert.match(
      stderr,
      /^error: option '--duration <time>' argument '10' is invalid\. .*10s.*\n$/,
    );
    const endpoint = await start('--endpoint', 'nowhere').ended;
    assert.equal(endpoint.code, 2);
    assert.match(endpoint.stderr, /^error: --endpoint 'nowhere' .*http:\/\/127\.0\.0\.1:4318\n$/);
  });
});
