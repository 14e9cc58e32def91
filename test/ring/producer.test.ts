/** The producer: publishes whole frames in order, or returns a number with the reason why not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { resultSlotCount, viewRing } from '../../src/ring/layout.ts';
import { FULL, Producer, TOO_LARGE } from '../../src/ring/producer.ts';
import { frameBytes, frameHeaderBytes } from '../../src/shared/frame.ts';
import {
  answer,
  dirt,
  noLimits,
  numberedBody,
  openTestLane,
  planTestLayout,
  type TestLane,
  takeAll,
} from './test-lane.ts';

const empty: readonly Uint8Array[] = [];

test('producer: the header is what shared/frame.ts says, the padding zero', () => {
  const { bytes, consumer, producer } = openTestLane();
  const body = Buffer.from('thirteen byte');
  assert.equal(producer.publish(2, 0x0102_0304_0506_0708n, [body], body.length), 0);
  let frame = Buffer.alloc(0);
  consumer.take(0, { bytesMax: 1, framesMax: 1 }, ({ address, slotBytes }) => {
    frame = Buffer.from(bytes.subarray(address, address + slotBytes));
  });
  assert.equal(frame.length, 56);
  assert.equal(frame.toString('latin1', 0, 4), 'AFR1');
  assert.equal(frame.readUInt32LE(4), 13);
  assert.equal(frame.readUInt32LE(8), crc32(body));
  assert.equal(frame.readUInt8(12), 2);
  assert.equal(frame.readUInt8(13), 0);
  assert.equal(frame.readUInt16LE(14), 0);
  assert.equal(frame.readBigUInt64LE(16), 0x0102_0304_0506_0708n);
  assert.deepEqual(frame.subarray(24, 40), Buffer.alloc(16));
  assert.deepEqual(frame.subarray(40, 53), body);
  assert.deepEqual(frame.subarray(53), Buffer.alloc(3));
});

test('producer: a body in chunks of any length and alignment arrives as one', () => {
  const lane = openTestLane({ ringBytes: 4096 });
  const pool = numberedBody(512);
  for (const lengths of [[0], [1, 2, 3], [0, 7, 0, 64, 5], [100, 1, 100], [33]]) {
    const chunks = lengths.map((length, index) => pool.subarray(index + 3, index + 3 + length));
    const body = Buffer.concat(chunks);
    assert.ok(lane.producer.publish(0, 1n, chunks, body.length) >= 0);
    assert.deepEqual(takeAll(lane)[0]!.body, body);
  }
});

test('producer: tickets count its frames from 0 on, also after a refusal', () => {
  const lane = openTestLane({ ringBytes: 128 });
  assert.equal(lane.producer.publish(0, 1n, empty, 0), 0);
  assert.equal(lane.producer.publish(0, 1n, empty, 0), 1);
  assert.equal(lane.producer.publish(0, 1n, empty, 0), 2);
  assert.equal(lane.producer.publish(0, 1n, empty, 0), FULL);
  assert.equal(takeAll(lane).length, 3);
  answer(lane, [0, 0, 0]);
  assert.equal(lane.producer.publish(0, 1n, empty, 0), 3);
});

test('producer: a ring filled to its last byte is full, and has room after the release', () => {
  const lane = openTestLane({ ringBytes: 256 });
  const body = numberedBody(64 - frameHeaderBytes);
  const publish = () => lane.producer.publish(0, 1n, [body], body.length);
  assert.deepEqual([publish(), publish(), publish(), publish()], [0, 1, 2, 3]);
  assert.equal(publish(), FULL);
  assert.equal(takeAll(lane).length, 4);
  assert.equal(publish(), FULL, 'taken is not released');
  lane.consumer.release(0);
  assert.equal(publish(), 4);
  assert.deepEqual(takeAll(lane)[0]!.body, Buffer.from(body));
});

test('producer: what is refused as full leaves the frames before it as they were', () => {
  const lane = openTestLane({ ringBytes: 256 });
  const body = numberedBody(64);
  while (lane.producer.publish(0, 1n, [body], body.length) >= 0);
  assert.equal(lane.producer.framesInFlight, 2);
  assert.deepEqual(
    takeAll(lane).map((frame) => frame.body),
    [Buffer.from(body), Buffer.from(body)],
  );
});

/** Nothing may overwrite the result slots before the ring or the slack after it. */
function assertSurroundings({ buffer, bytes, layout }: TestLane): void {
  const { address, resultSlots } = viewRing(buffer, layout, 0);
  const end = address + layout.ringBytes;
  assert.ok(resultSlots.every((slot) => slot === dirt * 0x101));
  assert.ok(bytes.subarray(end, end + 16).every((byte) => byte === dirt));
}

/** Sends three frames one after another through the ring. */
function passFrames(lane: TestLane, bodyBytes: number): void {
  const { buffer, bytes, consumer, layout, producer } = lane;
  const { address } = viewRing(buffer, layout, 0);
  for (let round = 0; round < 3; round += 1) {
    const body = Buffer.from(numberedBody(bodyBytes, round * 31));
    assert.equal(producer.publish(1, BigInt(round), [body], bodyBytes), round);
    const taken = consumer.take(0, noLimits, (frame) => {
      assert.ok(frame.address >= address);
      assert.ok(frame.address + frame.slotBytes <= address + layout.ringBytes);
      assert.equal(frame.slotBytes, frameBytes(bodyBytes));
      assert.equal(frame.receivedTimeNs, BigInt(round));
      const end = frame.bodyAddress + frame.bodyBytes;
      assert.ok(body.equals(bytes.subarray(frame.bodyAddress, end)));
    });
    assert.equal(taken, 1);
    consumer.release(0);
  }
}

test('producer: frames of every size wrap around whole at every offset', () => {
  const ringBytes = 256;
  for (let offset = 0; offset < ringBytes; offset += 8) {
    for (let bodyBytes = 0; frameBytes(bodyBytes) <= ringBytes / 2; bodyBytes += 1) {
      // One of the three frames crosses the end of the ring, where the positions also pass 2^32.
      const initialPosition = 2 ** 32 - ringBytes + offset;
      const lane = openTestLane({ ringBytes, initialPosition });
      passFrames(lane, bodyBytes);
      assertSurroundings(lane);
    }
  }
});

test('producer: a frame of half the ring has room in an empty ring at every offset', () => {
  const ringBytes = 256;
  const body = numberedBody(ringBytes / 2 - frameHeaderBytes);
  for (let initialPosition = 0; initialPosition < ringBytes; initialPosition += 8) {
    const lane = openTestLane({ ringBytes, initialPosition });
    assert.equal(lane.producer.publish(0, 1n, [body], body.length), 0);
    assert.deepEqual(
      takeAll(lane).map(({ inOverflow }) => inOverflow),
      [false],
    );
  }
});

test('producer: a frame of more than half the ring goes by the overflow slot, padded there', () => {
  const lane = openTestLane({ ringBytes: 256, overflowBytes: 1001 });
  const { bytes, consumer, producer } = lane;
  for (const bodyBytes of [89, 256, 1000, 1001]) {
    const body = Buffer.from(numberedBody(bodyBytes));
    assert.ok(producer.publish(0, 5n, [body.subarray(0, 50), body.subarray(50)], bodyBytes) >= 0);
    consumer.take(0, { bytesMax: 1, framesMax: 1 }, (frame) => {
      assert.ok(frame.inOverflow);
      assert.equal(frame.slotBytes, frameHeaderBytes);
      assert.equal(bytes.readUInt32LE(frame.address + 8), crc32(body));
      const paddedBytes = frameBytes(bodyBytes) - frameHeaderBytes;
      const padded = Buffer.alloc(paddedBytes);
      padded.set(body);
      assert.ok(padded.equals(bytes.subarray(frame.bodyAddress, frame.bodyAddress + paddedBytes)));
    });
    consumer.release(0);
  }
});

test('producer: a body larger than the overflow slot is too large, also in a large ring', () => {
  const { producer } = openTestLane({ ringBytes: 65_536, overflowBytes: 1000 });
  assert.equal(producer.publish(0, 1n, [numberedBody(1001)], 1001), TOO_LARGE);
  assert.equal(producer.publish(0, 1n, [numberedBody(1000)], 1000), 0);
});

test('producer: a taken overflow slot is full for all, until its frame is released', () => {
  const lane = openTestLane({ ringCount: 2, ringBytes: 256 });
  const [first, second] = lane.producers as [Producer, Producer];
  const large = numberedBody(2000);
  assert.equal(first.publish(0, 1n, [large], 2000), 0);
  assert.equal(second.publish(0, 1n, [large], 2000), FULL);
  assert.equal(first.publish(0, 1n, [large], 2000), FULL);
  assert.equal(second.publish(0, 1n, empty, 0), 0, 'small frames still pass');
  takeAll(lane, 1);
  lane.consumer.release(1);
  assert.equal(second.publish(0, 1n, [large], 2000), FULL, 'another ring was released');
  takeAll(lane, 0);
  assert.equal(second.publish(0, 1n, [large], 2000), FULL, 'taken is not released');
  lane.consumer.release(0);
  assert.equal(second.publish(0, 1n, [large], 2000), 1);
  assert.deepEqual(takeAll(lane, 1)[0]!.body, Buffer.from(large));
});

test('producer: a full ring does not take the overflow slot', () => {
  const lane = openTestLane({ ringCount: 2, ringBytes: 128 });
  const [first, second] = lane.producers as [Producer, Producer];
  const large = numberedBody(2000);
  while (first.publish(0, 1n, empty, 0) >= 0);
  assert.equal(first.publish(0, 1n, [large], 2000), FULL);
  assert.equal(second.publish(0, 1n, [large], 2000), 0);
});

test('producer: with 8,192 frames in flight it is full, until a result is taken', () => {
  const lane = openTestLane({ ringBytes: 2 ** 20, initialPosition: 2 ** 32 - 4096 });
  const { consumer, producer } = lane;
  for (let ticket = 0; ticket < resultSlotCount; ticket += 1) {
    assert.equal(producer.publish(0, 1n, empty, 0), ticket);
  }
  assert.equal(producer.publish(0, 1n, empty, 0), FULL);
  assert.equal(takeAll(lane).length, resultSlotCount);
  consumer.release(0);
  assert.equal(producer.publish(0, 1n, empty, 0), FULL, 'released is not answered');
  for (let ticket = 0; ticket < resultSlotCount; ticket += 1) consumer.pushResult(0, ticket % 5);
  consumer.flushResults();
  assert.equal(producer.publish(0, 1n, empty, 0), FULL, 'answered is not taken');
  const seen: number[] = [];
  assert.equal(
    producer.takeResults((outcomeNumber) => seen.push(outcomeNumber)),
    resultSlotCount,
  );
  assert.ok(seen.every((outcomeNumber, ticket) => outcomeNumber === ticket % 5));
  assert.equal(producer.framesInFlight, 0);
  assert.equal(producer.publish(0, 1n, empty, 0), resultSlotCount);
});

test('producer: chunks that are not as long as the body stop it, and nothing is published', () => {
  for (const bodyBytes of [9, 11]) {
    const lane = openTestLane();
    const publish = () => lane.producer.publish(0, 1n, [numberedBody(10)], bodyBytes);
    assert.throws(publish, /invariant broken/);
    assert.deepEqual(takeAll(lane), []);
  }
});

test('producer: a length that is none, and a step without the one before it, stop it', () => {
  const { producer } = openTestLane();
  for (const bodyBytes of [-1, 0.5, Number.NaN, 2 ** 32]) {
    assert.throws(() => producer.claim(bodyBytes), /invariant broken/);
  }
  assert.throws(() => producer.commit(0, 1n, 0), /invariant broken/);
});

test('producer: its ring must be one of the layout', () => {
  const { buffer } = openTestLane();
  assert.throws(() => new Producer(buffer, planTestLayout(), 1), /invariant broken/);
});
