/** Rings between real threads: no frame is lost, duplicated, reordered or torn. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { openTestLane } from './test-lane.ts';

interface LaneReport {
  readonly next: readonly number[];
  readonly inOverflow: number;
  readonly leftCount: number;
}

/** A thread that hangs fails its test long before the whole test run times out. */
const timeout = 60_000;

/** Resolves with a thread's last message when the thread has ended without an error. */
function messageOf(thread: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let message: unknown;
    thread.on('message', (value) => {
      message = value;
    });
    thread.once('error', reject);
    thread.once('exit', () => resolve(message));
  });
}

/** Starts threads and resolves with their messages. The threads end with the test in any case. */
function runThreads(
  context: TestContext,
  threads: readonly (readonly [file: string, workerData: object])[],
): Promise<unknown[]> {
  const started = threads.map(([file, workerData]) => {
    const thread = new Worker(new URL(file, import.meta.url), { workerData });
    context.after(() => thread.terminate());
    return thread;
  });
  return Promise.all(started.map(messageOf));
}

test('threads: 16 producers of 25,000 frames reach one lane whole and in order', {
  timeout,
}, async (context) => {
  const { buffer, layout } = openTestLane({
    ringCount: 16,
    ringBytes: 32_768,
    overflowBytes: 65_536,
  });
  const load = { buffer, layout, frames: 25_000, bytesMax: 300 };
  const producers = Array.from({ length: layout.ringCount }, (_, ringIndex) => {
    return ['./producer-thread.js', { ...load, ringIndex }] as const;
  });
  const [report] = await runThreads(context, [['./lane-thread.js', load], ...producers]);
  const { next, inOverflow, leftCount } = report as LaneReport;
  assert.deepEqual(next, Array<number>(16).fill(25_000));
  assert.equal(inOverflow, 16 * 25, 'each 1,000th frame is larger than half a ring');
  assert.equal(leftCount, 0);
});

/** The smallest ring, in which each frame waits for the frame before it, and a larger ring. */
for (const ringBytes of [128, 1024]) {
  test(`threads: tiny frames race whole through a ring of ${ringBytes} bytes`, {
    timeout,
  }, async (context) => {
    const initialPosition = 2 ** 32 - 8 * ringBytes;
    const { buffer, layout } = openTestLane({ ringBytes, initialPosition });
    const race = { buffer, layout, frames: 1_000_000, durationMs: 2000 };
    const [taken, published] = await runThreads(context, [
      ['./race-thread.js', { ...race, role: 'lane' }],
      ['./race-thread.js', { ...race, role: 'producer' }],
    ]);
    assert.equal(taken, published);
    assert.ok(Number(taken) > 1000, `only ${taken} frames: the position did not pass 2^32`);
  });
}
