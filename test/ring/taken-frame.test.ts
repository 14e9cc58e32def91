/** A taken frame has the fields that were published. A header that cannot be ours is rejected. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { viewRing } from '../../src/ring/layout.ts';
import { frameField } from '../../src/shared/frame.ts';
import { noLimits, numberedBody, openTestLane } from './test-lane.ts';

test('frame: it tells signal, time, body and addresses', () => {
  const lane = openTestLane({ base: 4096 });
  lane.producer.publish(1, 2n ** 64n - 1n, [numberedBody(20)], 20);
  lane.producer.publish(2, 0n, [], 0);
  const told: unknown[] = [];
  lane.consumer.take(0, noLimits, (frame) => {
    const { address, bodyAddress, bodyBytes, slotBytes, signalNumber, receivedTimeNs } = frame;
    const { inOverflow } = frame;
    assert.equal(lane.bytes.readUInt32LE(address), 0x31524641);
    assert.equal(bodyAddress, address + 40);
    told.push([bodyBytes, slotBytes, signalNumber, receivedTimeNs, inOverflow]);
  });
  assert.deepEqual(told, [
    [20, 64, 1, 2n ** 64n - 1n, false],
    [0, 40, 2, 0n, false],
  ]);
});

test('frame: one object is moved from frame to frame', () => {
  const lane = openTestLane();
  for (let round = 0; round < 3; round += 1) lane.producer.publish(0, 1n, [], 0);
  const objects = new Set<unknown>();
  lane.consumer.take(0, noLimits, (frame) => objects.add(frame));
  assert.equal(objects.size, 1);
});

type Damage = (bytes: Buffer, address: number) => void;

/** Publishes two frames, damages the first header, and counts the frames that the lane visits. */
function visitDamaged(initialPosition: number, change: Damage): number {
  const options = { ringBytes: 1024, overflowBytes: 2048, initialPosition };
  const { buffer, bytes, consumer, layout, producer } = openTestLane(options);
  for (const time of [1n, 2n]) producer.publish(0, time, [numberedBody(88)], 88);
  change(bytes, viewRing(buffer, layout, 0).address + initialPosition);
  let visited = 0;
  const take = () => consumer.take(0, noLimits, () => (visited += 1));
  if (change === undamaged) take();
  else assert.throws(take, /invariant broken/);
  return visited;
}

const undamaged: Damage = () => {};

const damages: Readonly<Record<string, Damage>> = {
  'another magic': (bytes, address) => bytes.writeUInt32LE(1, address),
  'a body longer than what was published': (bytes, address) =>
    bytes.writeUInt32LE(88 + 128 + 1, address + frameField.bodyBytes),
  'the longest body a number can tell': (bytes, address) =>
    bytes.writeUInt32LE(0xffff_ffff, address + frameField.bodyBytes),
  'an overflow body longer than its slot': (bytes, address) => {
    bytes.writeUInt8(0x80, address + frameField.flags);
    bytes.writeUInt32LE(2049, address + frameField.bodyBytes);
  },
  'an overflow body while the slot is free': (bytes, address) =>
    bytes.writeUInt8(0x80, address + frameField.flags),
};

for (const [name, change] of Object.entries(damages)) {
  test(`frame: ${name} stops the lane before it visits the frame`, () => {
    assert.equal(visitDamaged(0, change), 0);
  });
}

test("frame: a body past the ring's end stops the lane before it visits the frame", () => {
  const longer: Damage = (bytes, address) =>
    bytes.writeUInt32LE(96, address + frameField.bodyBytes);
  assert.equal(visitDamaged(1024 - 128, longer), 0);
});

test('frame: a wrap mark that no frame follows stops the lane', () => {
  const wrap: Damage = (bytes, address) => bytes.write('AFRW', address);
  assert.equal(visitDamaged(0, wrap), 0);
});

test('frame: undamaged, the same frames are visited', () => {
  for (const initialPosition of [0, 1024 - 128]) {
    assert.equal(visitDamaged(initialPosition, undamaged), 2);
  }
});
