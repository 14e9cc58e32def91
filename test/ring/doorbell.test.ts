/** The doorbell: no wake-up is lost, and no sleep is longer than its timeout. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Doorbell } from '../../src/ring/doorbell.ts';
import { viewBell } from '../../src/ring/layout.ts';
import { openTestLane } from './test-lane.ts';

/** Far longer than a test takes. Each lost wake-up costs one of these timeouts. */
const tooLongMs = 20_000;

function elapsedMs(action: () => void): number {
  const start = performance.now();
  action();
  return performance.now() - start;
}

const nothing = () => false;

test('doorbell: without work the lane sleeps as long as it asked', () => {
  const { consumer } = openTestLane();
  assert.ok(elapsedMs(() => consumer.doorbell.sleepUnless(nothing, 50)) > 40);
});

test('doorbell: with work or a raised bit the lane does not sleep', () => {
  const { buffer, consumer, layout } = openTestLane();
  const sleep = (hasWork: () => boolean) =>
    elapsedMs(() => consumer.doorbell.sleepUnless(hasWork, tooLongMs));
  assert.ok(sleep(() => true) < tooLongMs / 2);
  new Doorbell(buffer, layout).raise(1);
  assert.ok(sleep(nothing) < tooLongMs / 2);
});

test('doorbell: a frame published after the lane looked last wakes it', () => {
  const { consumer, producer } = openTestLane();
  const lookThenPublish = () => {
    producer.publish(0, 1n, [], 0);
    return false;
  };
  const sleep = () => consumer.doorbell.sleepUnless(lookThenPublish, tooLongMs);
  assert.ok(elapsedMs(sleep) < tooLongMs / 2);
});

test('doorbell: a bit raised after the lane looked last wakes it', () => {
  const { buffer, consumer, layout } = openTestLane();
  const other = new Doorbell(buffer, layout);
  const lookThenRaise = () => {
    other.raise(4);
    return false;
  };
  const sleep = () => consumer.doorbell.sleepUnless(lookThenRaise, tooLongMs);
  assert.ok(elapsedMs(sleep) < tooLongMs / 2);
  assert.equal(consumer.doorbell.takeRaised(), 4);
});

test('doorbell: after its sleep the lane is known to be awake, and nobody wakes it', () => {
  const { buffer, consumer, layout } = openTestLane();
  const { doorbell } = viewBell(buffer, layout);
  for (const hasWork of [() => true, nothing]) {
    consumer.doorbell.sleepUnless(hasWork, 1);
    assert.equal(doorbell[0], 0);
    consumer.doorbell.ringBell();
    assert.equal(doorbell[0], 0);
  }
  assert.ok(elapsedMs(() => consumer.doorbell.sleepUnless(nothing, 50)) > 40);
});

test('doorbell: raised bits gather until they are taken, all at once', () => {
  const { buffer, consumer, layout } = openTestLane();
  const other = new Doorbell(buffer, layout);
  other.raise(1);
  other.raise(8);
  other.raise(1);
  assert.equal(consumer.doorbell.takeRaised(), 9);
  assert.equal(consumer.doorbell.takeRaised(), 0);
});

/** Both sides sleep in every round. A random delay shifts one side against the other. */
const rounds = 4000;

/** Busy-waits for up to some microseconds. */
function dawdle(): void {
  const steps = Math.random() * 3000;
  let sum = 0;
  for (let step = 0; step < steps; step += 1) sum += Math.sqrt(step);
  assert.ok(sum >= 0);
}

test('doorbell: single frames to and fro between sleepers lose no wake-up', async (context) => {
  const { buffer, layout, producer } = openTestLane();
  const doorbell = new Doorbell(buffer, layout);
  const thread = new Worker(new URL('./echo-thread.js', import.meta.url), {
    workerData: { buffer, layout, timeoutMs: tooLongMs },
  });
  context.after(() => thread.terminate());
  const exited = new Promise((resolve) => thread.once('exit', resolve));
  const start = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    dawdle();
    assert.equal(producer.publish(0, BigInt(round), [], 0), round);
    let answered = 0;
    while (answered === 0) {
      await producer.resultsReady(tooLongMs);
      answered = producer.takeResults((outcomeNumber) => {
        assert.equal(outcomeNumber, round & 0xff);
      });
      assert.ok(performance.now() - start < tooLongMs, 'a lost wake-up takes this long');
    }
    assert.equal(answered, 1);
  }
  doorbell.raise(1);
  assert.equal(await exited, 0);
});
