/** The request counts: every answer is counted once, whichever thread counts it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import {
  createRequestCounts,
  RequestCounter,
  readRequestCounts,
} from '../../src/ring/request-counts.ts';
import { signals } from '../../src/shared/signal.ts';

test('request counts: what was never answered is not listed', () => {
  assert.deepEqual(readRequestCounts(createRequestCounts()), []);
});

test('request counts: each signal, transport and code has a count of its own', () => {
  const buffer = createRequestCounts();
  const counter = new RequestCounter(buffer);
  const http = [200, 400, 401, 403, 404, 405, 408, 413, 415, 429, 500, 503];
  const grpc = Array.from({ length: 17 }, (_, code) => code);
  const expected: unknown[] = [];
  for (const signal of [...signals, 'unknown'] as const) {
    for (const [transport, codes] of Object.entries({ http, grpc }) as ['http', number[]][]) {
      for (const code of codes) {
        const count = 1 + (expected.length % 3);
        for (let time = 0; time < count; time += 1) counter.add(signal, transport, code);
        expected.push({ signal, transport, code, count });
      }
    }
  }
  assert.deepEqual(readRequestCounts(buffer), expected);
});

test('request counts: a code that no receiver answers with stops the receiver', () => {
  const counter = new RequestCounter(createRequestCounts());
  assert.throws(() => counter.add('traces', 'http', 0), /invariant broken/);
  assert.throws(() => counter.add('traces', 'grpc', 200), /invariant broken/);
});

test('request counts: receivers that count at the same moment lose nothing', async () => {
  const buffer = createRequestCounts();
  const started = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { buffer, started, receivers: 3, requests: 200_000 };
  const threads = Array.from({ length: workerData.receivers }, () => {
    return new Worker(new URL('./request-thread.js', import.meta.url), { workerData });
  });
  await Promise.all(
    threads.map((thread) => new Promise((resolve) => thread.once('exit', resolve))),
  );
  assert.deepEqual(readRequestCounts(buffer), [
    { signal: 'traces', transport: 'http', code: 200, count: 600_000 },
  ]);
});
