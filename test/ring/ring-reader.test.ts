/**
 * The lane's side of a ring: frames are taken in order and within limits, and freed only on
 * release.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RingReader } from '../../src/ring/ring-reader.ts';
import { noLimits, numberedBody, openTestLane, takeAll } from './test-lane.ts';

function publishNumbered(lane: ReturnType<typeof openTestLane>, count: number, bodyBytes = 8) {
  for (let number = 0; number < count; number += 1) {
    const body = numberedBody(bodyBytes, number);
    assert.ok(lane.producer.publish(0, BigInt(number), [body], bodyBytes) >= 0);
  }
}

test('ring reader: frames come in the order in which they were published', () => {
  const lane = openTestLane({ ringBytes: 4096 });
  publishNumbered(lane, 50);
  const times = takeAll(lane).map(({ receivedTimeNs }) => Number(receivedTimeNs));
  assert.deepEqual(
    times,
    times.map((_, index) => index),
  );
  assert.equal(times.length, 50);
});

test('ring reader: at most so many frames are taken, and the next ones after them', () => {
  const lane = openTestLane({ ringBytes: 4096 });
  publishNumbered(lane, 10);
  const times: number[] = [];
  const take = (framesMax: number) =>
    lane.consumer.take(0, { bytesMax: 2 ** 20, framesMax }, ({ receivedTimeNs }) => {
      times.push(Number(receivedTimeNs));
    });
  assert.deepEqual([take(0), take(4), take(4), take(4), take(4)], [0, 4, 4, 2, 0]);
  assert.deepEqual(times, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('ring reader: at most so many bytes are taken, but one frame in any case', () => {
  const lane = openTestLane({ ringBytes: 4096 });
  publishNumbered(lane, 10, 24);
  const take = (bytesMax: number) => lane.consumer.take(0, { bytesMax, framesMax: 99 }, () => {});
  assert.deepEqual([take(1), take(64), take(127), take(128), take(10_000)], [1, 1, 1, 2, 5]);
});

test('ring reader: an overflow body counts with all its bytes', () => {
  const lane = openTestLane({ ringBytes: 256, overflowBytes: 4096 });
  lane.producer.publish(0, 1n, [numberedBody(4000)], 4000);
  lane.producer.publish(0, 2n, [], 0);
  const take = () => lane.consumer.take(0, { bytesMax: 4000, framesMax: 9 }, () => {});
  assert.deepEqual([take(), take(), take()], [1, 1, 0]);
});

test('ring reader: release gives back what was taken and nothing more', () => {
  const lane = openTestLane({ ringBytes: 128 });
  publishNumbered(lane, 2);
  assert.equal(
    lane.consumer.take(0, { bytesMax: 1, framesMax: 1 }, () => {}),
    1,
  );
  lane.consumer.release(0);
  publishNumbered(lane, 1);
  assert.ok(lane.producer.publish(0, 1n, [numberedBody(8)], 8) < 0, 'the other one is held');
  assert.deepEqual(
    takeAll(lane).map(({ receivedTimeNs }) => receivedTimeNs),
    [1n, 0n],
  );
});

test('ring reader: a frame is taken once, also when its visitor throws', () => {
  const lane = openTestLane();
  publishNumbered(lane, 2);
  const fail = () => lane.consumer.take(0, noLimits, () => assert.fail('by the visitor'));
  assert.throws(fail, /by the visitor/);
  assert.deepEqual(
    takeAll(lane).map(({ receivedTimeNs }) => receivedTimeNs),
    [1n],
  );
});

test('ring reader: what is published while frames are visited waits for the next take', () => {
  const lane = openTestLane();
  publishNumbered(lane, 1);
  const taken = lane.consumer.take(0, noLimits, () => publishNumbered(lane, 1));
  assert.equal(taken, 1);
  assert.equal(takeAll(lane).length, 1);
});

test('ring reader: it has frames from the publication until they were taken', () => {
  const lane = openTestLane();
  const reader = new RingReader(lane.buffer, lane.layout, 0);
  assert.equal(reader.hasFrames(), false);
  publishNumbered(lane, 1);
  assert.equal(reader.hasFrames(), true);
  reader.take(noLimits, () => {});
  assert.equal(reader.hasFrames(), false);
});
