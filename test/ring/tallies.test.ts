/** The tallies: a reader gets consistent sets of counts, whatever the lane does meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createTallies, readTallies, type Tally, TallyWriter } from '../../src/ring/tallies.ts';
import { signals } from '../../src/shared/signal.ts';

const none: Tally = {
  ...{ received: 0, archived: 0, pending: 0, recovered: 0 },
  rejected: { too_large: 0, unavailable: 0, lane_died: 0 },
};

function isBalanced({ received, archived, pending, rejected }: Tally): boolean {
  const rejectedSum = rejected.too_large + rejected.unavailable + rejected.lane_died;
  return received === archived + pending + rejectedSum;
}

test('tallies: fresh ones are 0 for each signal', () => {
  assert.deepEqual(readTallies(createTallies(2)), { traces: none, metrics: none, logs: none });
});

test('tallies: several counts change in one publication, each signal for itself', () => {
  const buffer = createTallies(1);
  const writer = new TallyWriter(buffer, 0);
  writer.add('traces', { received: 10, pending: 10, recovered: 4 });
  writer.add('traces', { pending: -7, archived: 7 });
  writer.add('logs', { received: 5, too_large: 3, unavailable: 2 });
  assert.deepEqual(readTallies(buffer), {
    traces: { ...none, received: 10, archived: 7, pending: 3, recovered: 4 },
    metrics: none,
    logs: { ...none, received: 5, rejected: { too_large: 3, unavailable: 2, lane_died: 0 } },
  });
});

test('tallies: counts beyond 2^32 are whole', () => {
  const buffer = createTallies(1);
  const writer = new TallyWriter(buffer, 0);
  const large = 2 ** 52 + 2 ** 31 + 12_345;
  writer.add('metrics', { received: large, pending: large });
  writer.add('metrics', { pending: -large, archived: large });
  const { metrics } = readTallies(buffer);
  assert.deepEqual(metrics, { ...none, received: large, archived: large });
});

test('tallies: a lane that is started again goes on, and what the dead one held is lost to it', () => {
  const buffer = createTallies(2);
  new TallyWriter(buffer, 0).add('traces', { received: 1, pending: 1 });
  const dead = new TallyWriter(buffer, 1);
  dead.add('traces', { received: 10, archived: 6, pending: 4 });
  dead.add('logs', { received: 2 ** 40, too_large: 1, pending: 2 ** 40 - 1 });
  const next = new TallyWriter(buffer, 1);
  next.add('traces', { received: 3, archived: 3, recovered: 3 });
  const { traces, logs } = readTallies(buffer);
  const lost = (count: number) => ({ ...none.rejected, lane_died: count });
  const counts = { received: 14, archived: 9, pending: 1, recovered: 3 };
  assert.deepEqual(traces, { ...counts, rejected: lost(4) });
  const rejected = { ...lost(2 ** 40 - 1), too_large: 1 };
  assert.deepEqual(logs, { ...none, received: 2 ** 40, rejected });
  assert.ok(isBalanced(traces) && isBalanced(logs));
});

test('tallies: readers see the sum of all lanes', () => {
  const buffer = createTallies(3);
  for (const lane of [0, 1, 2]) {
    const writer = new TallyWriter(buffer, lane);
    for (const signal of signals) writer.add(signal, { received: 10 ** lane, pending: 10 ** lane });
  }
  const expected = { ...none, received: 111, pending: 111 };
  assert.deepEqual(readTallies(buffer), { traces: expected, metrics: expected, logs: expected });
});

test('tallies: changes that do not balance stop the lane and are not published', () => {
  const wrong = [
    { received: 1 },
    { received: 1, archived: 2 },
    { archived: 1, pending: -1 },
    { recovered: 1 },
  ];
  for (const changes of wrong) {
    const buffer = createTallies(1);
    const writer = new TallyWriter(buffer, 0);
    assert.throws(() => writer.add('traces', changes), /invariant broken/);
    assert.deepEqual(readTallies(buffer).traces, none);
  }
});

test('tallies: the identity holds in 300,000 reads while a lane writes', async (context) => {
  const buffer = createTallies(1);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(new URL('./tally-thread.js', import.meta.url), {
    workerData: { buffer, stop },
  });
  context.after(() => thread.terminate());
  const ended = new Promise((resolve, reject) => {
    thread.once('error', reject);
    thread.once('exit', resolve);
  });
  await new Promise((resolve) => thread.once('message', resolve));
  let changes = 0;
  let last = 0;
  for (let read = 0; read < 300_000; read += 1) {
    const { traces, logs } = readTallies(buffer);
    if (!isBalanced(traces) || !isBalanced(logs)) assert.fail(JSON.stringify({ traces, logs }));
    assert.ok(traces.received >= last, 'counts never go back');
    if (traces.received > last) changes += 1;
    last = traces.received;
  }
  Atomics.store(stop, 0, 1);
  assert.equal(await ended, 0);
  assert.ok(changes > 100, `only ${changes} reads saw a change`);
});
