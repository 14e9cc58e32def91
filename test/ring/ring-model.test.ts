/** Runs random actions on rings and on the model. Every result must be the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestRandom, takeSeed } from '../random.ts';
import { RingModel } from './ring-model.ts';
import { copyFrame, openTestLane, type SeenFrame } from './test-lane.ts';

const seed = takeSeed();

/** Sizes near the limits: empty, small, half a ring, the end of the overflow slot. */
function randomBodyBytes(random: TestRandom, ringBytes: number, overflowBytes: number): number {
  switch (random.below(8)) {
    case 0:
      return random.below(ringBytes);
    case 1:
      return Math.max(0, ringBytes / 2 - 40 - 4 + random.below(9));
    case 2:
      return random.below(overflowBytes + 20);
    default:
      return random.below(ringBytes / 4);
  }
}

function split(body: Buffer, random: TestRandom): Uint8Array[] {
  const cut = random.below(body.length + 1);
  return [body.subarray(0, cut), body.subarray(cut)];
}

function runAgainstModel(random: TestRandom, steps: number): number {
  const ringBytes = 128 << random.below(5);
  const overflowBytes = random.below(4 * ringBytes);
  const ringCount = 1 + random.below(3);
  const initialPosition = 2 ** 32 - 8 * random.below(2000);
  // The start position is a multiple of the ring's size, so that offsets are those of the model,
  // which starts at 0.
  const aligned = initialPosition - (initialPosition % ringBytes);
  const lane = openTestLane({ ringCount, ringBytes, overflowBytes, initialPosition: aligned });
  const model = new RingModel({ ringCount, ringBytes, overflowBytes });
  const pool = Buffer.from(random.bytes(overflowBytes + ringBytes + 64));
  let published = 0;
  for (let step = 0; step < steps; step += 1) {
    const ring = random.below(ringCount);
    const action = random.below(10);
    if (action < 5) {
      const bodyBytes = randomBodyBytes(random, ringBytes, overflowBytes);
      const at = random.below(32);
      const body = pool.subarray(at, at + bodyBytes);
      const signal = random.below(3);
      const time = BigInt(step);
      const producer = lane.producers[ring]!;
      const ticket = producer.publish(signal, time, split(body, random), body.length);
      assert.equal(ticket, model.publish(ring, signal, time, body));
      if (ticket >= 0) published += 1;
    } else if (action < 7) {
      const limits = { bytesMax: random.below(2 * ringBytes), framesMax: random.below(9) };
      const seen: SeenFrame[] = [];
      const taken = lane.consumer.take(ring, limits, (frame) => {
        seen.push(copyFrame(lane.bytes, frame));
      });
      const expected = model.take(ring, limits.bytesMax, limits.framesMax);
      assert.equal(taken, expected.length);
      assert.deepEqual(
        seen,
        expected.map(({ end, body, ...frame }) => ({ ...frame, body: Buffer.from(body) })),
      );
    } else if (action < 8) {
      lane.consumer.release(ring);
      model.release(ring);
    } else if (action < 9) {
      for (let count = random.below(model.unanswered(ring) + 1); count > 0; count -= 1) {
        const outcomeNumber = random.below(5);
        lane.consumer.pushResult(ring, outcomeNumber);
        model.pushResult(ring, outcomeNumber);
      }
      if (random.below(4) > 0) {
        lane.consumer.flushResults();
        model.flushResults();
      }
    } else {
      const results: number[] = [];
      lane.producers[ring]!.takeResults((outcomeNumber) => results.push(outcomeNumber));
      assert.deepEqual(results, model.takeResults(ring));
    }
  }
  return published;
}

test('rings: random actions have the same outcome as on plain arrays', () => {
  const random = new TestRandom(seed);
  let published = 0;
  for (let run = 0; run < 150; run += 1) published += runAgainstModel(random, 1000);
  assert.ok(published > 10_000, `only ${published} frames were published`);
});
