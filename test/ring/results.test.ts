/** The results channel: results are in order and visible after a flush, and waits end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { initialiseLane, resultSlotCount, viewRing } from '../../src/ring/layout.ts';
import { ResultReader, ResultWriter } from '../../src/ring/results.ts';
import { planTestLayout } from './test-lane.ts';

function openChannel(initialPosition = 0) {
  const layout = planTestLayout({ initialPosition });
  const buffer = new SharedArrayBuffer(layout.base + layout.bytes);
  initialiseLane(buffer, layout);
  return {
    writer: new ResultWriter(buffer, layout, 0),
    reader: new ResultReader(buffer, layout, 0),
    buffer,
    layout,
  };
}

function takeAll(reader: ResultReader): number[] {
  const seen: number[] = [];
  const count = reader.take((outcomeNumber) => seen.push(outcomeNumber));
  assert.equal(count, seen.length);
  return seen;
}

/** True if the promise resolves within a time that is long for a computer. */
async function resolvesSoon(promise: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), 5000);
  });
  const soon = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return soon;
}

test('results: what was pushed is seen after the flush, in order, once', () => {
  const { reader, writer } = openChannel();
  for (const outcomeNumber of [0, 4, 2]) writer.push(outcomeNumber);
  assert.deepEqual(takeAll(reader), []);
  writer.flush();
  assert.deepEqual(takeAll(reader), [0, 4, 2]);
  assert.deepEqual(takeAll(reader), []);
});

test('results: slots are used again and the count passes 2^32', () => {
  const { reader, writer } = openChannel(2 ** 32 - 8);
  for (let round = 0; round < 3; round += 1) {
    const sent = Array.from({ length: resultSlotCount }, (_, index) => (index + round) & 0xff);
    for (const outcomeNumber of sent) writer.push(outcomeNumber);
    writer.flush();
    assert.deepEqual(takeAll(reader), sent);
  }
});

test('results: a visitor may take results itself', () => {
  const { reader, writer } = openChannel();
  for (const outcomeNumber of [1, 2, 3]) writer.push(outcomeNumber);
  writer.flush();
  const seen: number[] = [];
  reader.take((outcomeNumber) => {
    seen.push(outcomeNumber);
    if (seen.length === 1) writer.push(4);
    if (seen.length === 1) writer.flush();
    seen.push(...takeAll(reader));
  });
  assert.deepEqual(seen, [1, 2, 3, 4]);
});

test('results: an outcome that does not fit into a slot stops the lane', () => {
  const { writer } = openChannel();
  for (const wrong of [-1, 0x10000]) assert.throws(() => writer.push(wrong), /invariant broken/);
});

test('results: ready resolves at once when there are results', async () => {
  const { reader, writer } = openChannel();
  writer.push(0);
  writer.flush();
  assert.ok(await resolvesSoon(reader.ready(60_000)));
});

test('results: ready resolves when results are flushed later', async () => {
  const { reader, writer } = openChannel();
  for (let round = 0; round < 3; round += 1) {
    const ready = reader.ready(60_000);
    setTimeout(() => {
      writer.push(round);
      writer.flush();
    }, 5);
    assert.ok(await resolvesSoon(ready));
    assert.deepEqual(takeAll(reader), [round]);
  }
});

test('results: a flush without results wakes nobody', async () => {
  const { buffer, layout, reader, writer } = openChannel();
  writer.push(1);
  writer.flush();
  assert.deepEqual(takeAll(reader), [1]);
  const ready = reader.ready(50);
  writer.flush();
  const { resultCount } = viewRing(buffer, layout, 0);
  assert.equal(Atomics.notify(resultCount, 0), 1, 'the reader waited still');
  assert.ok(await resolvesSoon(ready));
});

test('results: ready resolves at the cap when nothing comes, and the wait goes on', async () => {
  const { reader, writer } = openChannel();
  for (let round = 0; round < 3; round += 1) assert.ok(await resolvesSoon(reader.ready(5)));
  const ready = reader.ready(60_000);
  writer.push(3);
  writer.flush();
  assert.ok(await resolvesSoon(ready));
  assert.deepEqual(takeAll(reader), [3]);
});

test('results: ready resolves again after results were taken without it', async () => {
  const { reader, writer } = openChannel();
  assert.ok(await resolvesSoon(reader.ready(5)));
  writer.push(1);
  writer.flush();
  assert.deepEqual(takeAll(reader), [1]);
  const ready = reader.ready(60_000);
  writer.push(2);
  writer.flush();
  assert.ok(await resolvesSoon(ready));
});

test('results: waits that end at the cap do not pile up', async () => {
  const { buffer, layout, reader, writer } = openChannel();
  for (let round = 0; round < 5; round += 1) await reader.ready(2);
  const { resultCount } = viewRing(buffer, layout, 0);
  assert.equal(Atomics.notify(resultCount, 0), 1, 'one wait for all of them');
  writer.push(1);
  writer.flush();
  assert.deepEqual(takeAll(reader), [1]);
});

test('results: a wait that missed its wake costs one cap, not each later one', async (context) => {
  const { reader, writer } = openChannel();
  const never = new Promise<'ok'>(() => {});
  const waitAsync = context.mock.method(Atomics, 'waitAsync', () => ({
    async: true,
    value: never,
  }));
  const missed = reader.ready(20);
  waitAsync.mock.restore();
  writer.push(1);
  writer.flush();
  assert.ok(await resolvesSoon(missed));
  assert.deepEqual(takeAll(reader), [1]);
  const ready = reader.ready(60_000);
  writer.push(2);
  writer.flush();
  assert.ok(await resolvesSoon(ready));
});

test('results: a thread that only waits for results stays alive until the cap', async () => {
  const { buffer, layout } = openChannel();
  const worker = new Worker(new URL('./ready-thread.js', import.meta.url), {
    workerData: { buffer, layout },
  });
  const messages: unknown[] = [];
  worker.on('message', (message) => messages.push(message));
  await new Promise((resolve) => worker.once('exit', resolve));
  assert.deepEqual(messages, ['ready']);
});
