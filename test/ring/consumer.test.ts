/** The consumer: stamps frames for the log, answers them, and keeps the rings apart. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { answer, noLimits, numberedBody, openTestLane, takeAll } from './test-lane.ts';

test('consumer: a stamp completes the header and leaves the rest as it was', () => {
  const { bytes, consumer, producer } = openTestLane({ base: 8192 });
  producer.publish(1, 77n, [numberedBody(16)], 16);
  consumer.take(0, noLimits, ({ address }) => {
    const before = Buffer.from(bytes.subarray(address, address + 56));
    consumer.stampFrame(address, { lane: 0xabcd, position: 0x1234_8765_4321, epoch: 0xfedc_ba98 });
    const header = bytes.subarray(address, address + 56);
    assert.deepEqual(header.subarray(0, 14), before.subarray(0, 14));
    assert.deepEqual(header.subarray(16, 24), before.subarray(16, 24));
    assert.deepEqual(header.subarray(40), before.subarray(40));
    assert.equal(header.readUInt16LE(14), 0xabcd);
    assert.equal(header.readBigUInt64LE(24), 0x1234_8765_4321n);
    assert.equal(header.readUInt32LE(32), 0xfedc_ba98);
    assert.equal(header.readUInt32LE(36), crc32(header.subarray(0, 36)));
  });
});

test('consumer: a stamped header does not say that its body was in the overflow slot', () => {
  const { bytes, consumer, producer } = openTestLane({ ringBytes: 256 });
  producer.publish(1, 77n, [numberedBody(2000)], 2000);
  consumer.take(0, noLimits, ({ address, inOverflow }) => {
    assert.ok(inOverflow);
    assert.notEqual(bytes[address + 13], 0);
    consumer.stampFrame(address, { lane: 0, position: 1, epoch: 1 });
    assert.equal(bytes[address + 13], 0);
  });
  consumer.release(0);
  assert.equal(producer.publish(1, 78n, [numberedBody(2000)], 2000), 1, 'the slot is free again');
});

test('consumer: rings are taken, released and answered each for itself', () => {
  const lane = openTestLane({ ringCount: 3, ringBytes: 128 });
  for (const [index, producer] of lane.producers.entries()) {
    while (producer.publish(index, BigInt(index), [], 0) >= 0);
  }
  assert.deepEqual(
    takeAll(lane, 1).map(({ signalNumber }) => signalNumber),
    [1, 1, 1],
  );
  answer(lane, [2, 3, 4], 1);
  const results = lane.producers.map((producer) => {
    const seen: number[] = [];
    producer.takeResults((outcomeNumber) => seen.push(outcomeNumber));
    return seen;
  });
  assert.deepEqual(results, [[], [2, 3, 4], []]);
  const tickets = lane.producers.map((producer) => producer.publish(0, 1n, [], 0));
  assert.deepEqual(tickets, [-1, 3, -1]);
});

test('consumer: a frame that was not taken cannot be answered', () => {
  const { consumer, producer } = openTestLane();
  producer.publish(0, 1n, [], 0);
  assert.throws(() => consumer.pushResult(0, 0), /invariant broken/);
  consumer.take(0, noLimits, () => {});
  consumer.pushResult(0, 0);
  assert.throws(() => consumer.pushResult(0, 0), /invariant broken/);
});

test('consumer: a visitor may answer the frame that it visits', () => {
  const { consumer, producer } = openTestLane();
  for (const time of [1n, 2n, 3n]) producer.publish(0, time, [], 0);
  consumer.take(0, noLimits, (frame) => consumer.pushResult(0, Number(frame.receivedTimeNs)));
  consumer.flushResults();
  const seen: number[] = [];
  producer.takeResults((outcomeNumber) => seen.push(outcomeNumber));
  assert.deepEqual(seen, [1, 2, 3]);
});

test('consumer: it does not wait while a ring has frames to take', () => {
  const { consumer, producers } = openTestLane({ ringCount: 2 });
  producers[1]!.publish(0, 1n, [], 0);
  const start = performance.now();
  consumer.waitForWork(20_000);
  assert.ok(performance.now() - start < 10_000);
});

test('consumer: it does wait while all frames are taken, though not released', () => {
  const { consumer, producer } = openTestLane();
  producer.publish(0, 1n, [], 0);
  consumer.take(0, noLimits, () => {});
  const start = performance.now();
  consumer.waitForWork(50);
  assert.ok(performance.now() - start > 40);
});
