/** The joint between an intake and its ring: bodies, results, and the loss of a lane. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from '../../src/shared/clock.ts';
import { outcomeNumber } from '../../src/shared/outcome.ts';
import { ReceiverRing } from '../../src/threads/receiver-ring.ts';
import { answer, openTestLane, type TestLane, takeAll } from '../ring/test-lane.ts';

const accepted = outcomeNumber('accepted');

function openRing(): ReceiverRing {
  return new ReceiverRing({ clock: systemClock, inflightBytesMax: 1 << 20, ringIndex: 0 });
}

function connect(ring: ReceiverRing, lane: TestLane): void {
  ring.connect(lane.buffer, lane.layout);
}

function submit({ intake }: ReceiverRing, body: string) {
  const bytes = Buffer.from(body);
  assert.ok(intake.reserve(bytes.length));
  return intake.submit('metrics', [bytes], bytes.length);
}

function bodies(lane: TestLane): string[] {
  return takeAll(lane).map(({ body }) => body.toString());
}

describe('receiver-ring', () => {
  it('connect: a body goes to the lane with its signal, and the result comes back', async () => {
    const [ring, lane] = [openRing(), openTestLane()];
    connect(ring, lane);
    const outcome = submit(ring, 'body');
    const [frame] = takeAll(lane);
    assert.deepEqual([frame?.signalNumber, frame?.body.toString()], [1, 'body']);
    answer(lane, [outcomeNumber('too_deep')]);
    assert.equal(await outcome, 'too_deep');
  });

  it('connect: publishes bodies that waited for a lane, in their order', async () => {
    const [ring, lane] = [openRing(), openTestLane()];
    const outcomes = [submit(ring, 'first'), submit(ring, 'second')];
    connect(ring, lane);
    assert.deepEqual(bodies(lane), ['first', 'second']);
    answer(lane, [accepted, accepted]);
    assert.deepEqual(await Promise.all(outcomes), ['accepted', 'accepted']);
  });

  it('a full ring: the next body is published once a result has freed room', async () => {
    const [ring, lane] = [openRing(), openTestLane({ ringBytes: 128 })];
    connect(ring, lane);
    const outcomes = [submit(ring, ''), submit(ring, ''), submit(ring, ''), submit(ring, 'last')];
    assert.equal(takeAll(lane).length, 3);
    answer(lane, [accepted, accepted, accepted]);
    await Promise.all(outcomes.slice(0, 3));
    assert.deepEqual(bodies(lane), ['last']);
    answer(lane, [accepted]);
    assert.equal(await outcomes[3], 'accepted');
  });

  it('a body larger than the overflow slot is refused as too large', async () => {
    const [ring, lane] = [openRing(), openTestLane({ overflowBytes: 4096 })];
    connect(ring, lane);
    assert.equal(await submit(ring, 'x'.repeat(4097)), 'too_large');
  });

  it('disconnect: keeps the results that the lane gave, and refuses all other frames', async () => {
    const [ring, lane] = [openRing(), openTestLane()];
    connect(ring, lane);
    const outcomes = [submit(ring, 'acknowledged'), submit(ring, 'lost')];
    takeAll(lane);
    answer(lane, [accepted]);
    ring.disconnect();
    assert.deepEqual(await Promise.all(outcomes), ['accepted', 'unavailable']);
  });

  it('disconnect: the next lane gets what is submitted afterwards', async () => {
    const [ring, lane, next] = [openRing(), openTestLane(), openTestLane()];
    connect(ring, lane);
    const lost = submit(ring, 'lost');
    ring.disconnect();
    ring.disconnect();
    assert.equal(await lost, 'unavailable');
    const outcome = submit(ring, 'kept');
    connect(ring, next);
    assert.deepEqual(bodies(next), ['kept']);
    answer(next, [accepted]);
    assert.equal(await outcome, 'accepted');
  });
});
