/** Order, waiting, budget and shutdown between receivers and ring. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Intake, resultWaitMsMax, waitingCountMax, waitMsMax } from '../../src/accept/intake.ts';
import { ManualClock, systemClock } from '../../src/shared/clock.ts';
import type { Outcome } from '../../src/shared/outcome.ts';
import { FakeRing } from './fake-ring.ts';

/** A ring whose results come only from the test. */
function heldRing(inflightBytesMax?: number): FakeRing {
  const ring = new FakeRing(inflightBytesMax);
  ring.outcome = undefined;
  return ring;
}

function submit(intake: Intake, text: string): Promise<Outcome> {
  const chunk = Buffer.from(text);
  assert.ok(intake.reserve(chunk.length));
  return intake.submit('traces', [chunk], chunk.length);
}

/** An intake whose bodies are all published, and whose time passes only by `advance`. */
function openOverdue(test: TestContext) {
  test.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = new ManualClock(0);
  const intake = new Intake({ publish: () => 'published', clock, inflightBytesMax: 1_000 });
  const advance = (ms: number) => {
    clock.advance(ms);
    test.mock.timers.tick(ms);
  };
  return { intake, advance };
}

function texts(ring: FakeRing): string[] {
  return ring.published.map(({ bytes }) => bytes.toString());
}

describe('intake', () => {
  it('submit: publishes at once and gives results back in the order of publication', async () => {
    const ring = heldRing();
    const outcomes = [submit(ring.intake, 'a'), submit(ring.intake, 'b'), submit(ring.intake, 'c')];
    assert.deepEqual(texts(ring), ['a', 'b', 'c']);
    for (const outcome of ['accepted', 'malformed', 'too_deep'] as const) {
      ring.intake.settle(outcome);
    }
    assert.deepEqual(await Promise.all(outcomes), ['accepted', 'malformed', 'too_deep']);
  });

  it('submit: stamps the time of receipt, not that of publication', async () => {
    const ring = heldRing();
    ring.answer = 'full';
    const before = BigInt(Date.now()) * 1_000_000n;
    const outcome = submit(ring.intake, 'late');
    await sleep(50);
    ring.answer = 'published';
    ring.intake.retry();
    const waitedNs = (ring.published[0]?.receivedTimeNs ?? 0n) - before;
    assert.ok(waitedNs < 40_000_000n && waitedNs > -5_000_000n, `${waitedNs} ns`);
    ring.intake.settle('accepted');
    assert.equal(await outcome, 'accepted');
  });

  it('submit: an empty body is published like any other', async () => {
    const ring = new FakeRing();
    assert.equal(await ring.intake.submit('traces', [], 0), 'accepted');
    assert.equal(ring.published[0]?.bytes.length, 0);
  });

  it('retry: publishes what waits in order of submission, as far as there is room', async () => {
    const ring = heldRing();
    ring.answer = 'full';
    const outcomes = ['a', 'b', 'c'].map((text) => submit(ring.intake, text));
    ring.intake.retry();
    assert.deepEqual(texts(ring), []);
    ring.answer = 'published';
    ring.intake.retry();
    assert.deepEqual(texts(ring), ['a', 'b', 'c']);
    for (const _ of outcomes) ring.intake.settle('accepted');
    assert.deepEqual(await Promise.all(outcomes), ['accepted', 'accepted', 'accepted']);
  });

  it('submit: never overtakes a body that waits', async () => {
    const ring = heldRing();
    ring.answer = 'full';
    void submit(ring.intake, 'first');
    ring.answer = 'published';
    void submit(ring.intake, 'second');
    assert.deepEqual(texts(ring), []);
    ring.intake.retry();
    assert.deepEqual(texts(ring), ['first', 'second']);
  });

  it('submit: is unavailable after 250 ms without room, and never published', async () => {
    const ring = heldRing();
    ring.answer = 'full';
    const start = performance.now();
    assert.equal(await submit(ring.intake, 'a'), 'unavailable');
    const waitedMs = performance.now() - start;
    assert.ok(waitedMs >= waitMsMax - 2 && waitedMs < waitMsMax + 200, `${waitedMs} ms`);
    assert.equal(ring.intake.inflightBytes, 0);
    ring.answer = 'published';
    ring.intake.retry();
    assert.deepEqual(texts(ring), []);
  });

  it('submit: each body has its own 250 ms', async () => {
    const ring = heldRing();
    ring.answer = 'full';
    const ends: string[] = [];
    const first = submit(ring.intake, 'first').then(() => ends.push('first'));
    await sleep(120);
    const second = submit(ring.intake, 'second').then(() => ends.push('second'));
    await first;
    assert.deepEqual(ends, ['first']);
    await second;
    assert.deepEqual(ends, ['first', 'second']);
  });

  it('submit: room that was not reported is used before the wait ends', async () => {
    const ring = heldRing();
    ring.answer = 'full';
    const outcome = submit(ring.intake, 'a');
    ring.answer = 'published';
    await sleep(waitMsMax + 50);
    assert.deepEqual(texts(ring), ['a']);
    ring.intake.settle('accepted');
    assert.equal(await outcome, 'accepted');
  });

  it('submit: too large for the ring is an outcome at once', async () => {
    const ring = heldRing();
    ring.answer = 'too_large';
    assert.equal(await submit(ring.intake, 'a'), 'too_large');
    assert.equal(ring.intake.inflightBytes, 0);
  });

  it('submit: no more than waitingCountMax bodies wait', async () => {
    const ring = heldRing();
    ring.answer = 'full';
    const waiting = Array.from({ length: waitingCountMax }, () => submit(ring.intake, ''));
    assert.equal(await submit(ring.intake, ''), 'unavailable');
    assert.ok((await Promise.all(waiting)).every((outcome) => outcome === 'unavailable'));
  });

  it('reserve: counts up to the limit, and nothing beyond it', () => {
    const { intake } = new FakeRing(100);
    assert.ok(intake.reserve(60));
    assert.ok(!intake.reserve(41));
    assert.ok(intake.reserve(40));
    intake.release(60);
    assert.equal(intake.inflightBytes, 40);
    assert.throws(() => intake.release(41), /only reserved bytes are released/);
  });

  it('submit: gives the bytes back once they are copied, holds them while they wait', async () => {
    const ring = heldRing(10);
    void submit(ring.intake, '0123456789');
    assert.equal(ring.intake.inflightBytes, 0);
    ring.answer = 'full';
    void submit(ring.intake, '0123456789');
    assert.equal(ring.intake.inflightBytes, 10);
    assert.ok(!ring.intake.reserve(1));
    ring.answer = 'published';
    ring.intake.retry();
    assert.equal(ring.intake.inflightBytes, 0);
  });

  it('drain: resolves when the last body has its outcome', async () => {
    const ring = heldRing();
    const events: string[] = [];
    const outcome = submit(ring.intake, 'a').then(() => events.push('outcome'));
    ring.answer = 'full';
    const refused = submit(ring.intake, 'b').then(() => events.push('refused'));
    const drained = ring.intake.drain().then(() => events.push('drained'));
    ring.intake.settle('accepted');
    await Promise.all([outcome, refused, drained]);
    assert.deepEqual(events, ['outcome', 'refused', 'drained']);
    await ring.intake.drain();
  });

  it('close: refuses later bodies; earlier ones get their result', async () => {
    const ring = heldRing();
    const before = submit(ring.intake, 'before');
    ring.intake.close();
    assert.equal(await submit(ring.intake, 'after'), 'unavailable');
    assert.deepEqual(texts(ring), ['before']);
    ring.intake.settle('accepted');
    assert.equal(await before, 'accepted');
    assert.equal(ring.intake.inflightBytes, 0);
  });

  it('no result for 10 s: the body is refused, and so is what comes after it', async (test) => {
    const { intake, advance } = openOverdue(test);
    const early = submit(intake, 'early');
    advance(resultWaitMsMax - 1);
    const late = submit(intake, 'late');
    advance(1);
    assert.equal(await early, 'unavailable');
    assert.equal(await submit(intake, 'after'), 'unavailable');
    assert.equal(intake.inflightBytes, 0);
    intake.settle('accepted');
    intake.settle('accepted');
    assert.equal(await late, 'accepted');
    const next = submit(intake, 'next');
    intake.settle('malformed');
    assert.equal(await next, 'malformed');
  });

  it('no result for 10 s: drain waits no longer than that', async (test) => {
    const { intake, advance } = openOverdue(test);
    const outcomes = [submit(intake, 'a'), submit(intake, 'b')];
    const drained = intake.drain();
    advance(resultWaitMsMax);
    await drained;
    assert.deepEqual(await Promise.all(outcomes), ['unavailable', 'unavailable']);
  });

  it('settle: without a published body breaks an invariant', () => {
    const { intake } = heldRing();
    assert.throws(() => intake.settle('accepted'), /only a published body is settled/);
  });

  it('random: every body gets one outcome, in order, and all bytes come back', async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    console.log(`seed ${seed}`);
    await runRandom(seed);
  });
});

/** A ring of five places, filled and settled at random, against the order of submission. */
async function runRandom(seed: number): Promise<void> {
  const random = randomOf(seed);
  const published: number[] = [];
  let settledCount = 0;
  const intake: Intake = new Intake({
    clock: systemClock,
    inflightBytesMax: 1_000,
    publish: (_signal, _time, chunks) => {
      if (published.length - settledCount === 5) return 'full';
      published.push(Number(Buffer.concat(chunks)));
      return 'published';
    },
  });
  const settleOne = () => {
    settledCount += 1;
    intake.settle('accepted');
    intake.retry();
  };
  const outcomes: Promise<Outcome>[] = [];
  for (let step = 0; step < 20_000; step++) {
    if (random(2) === 1 && settledCount < published.length) settleOne();
    else if (intake.inflightBytes < 990) outcomes.push(submit(intake, String(outcomes.length)));
  }
  while (settledCount < published.length) settleOne();
  assert.deepEqual(published, [...outcomes.keys()], `order, seed ${seed}`);
  assert.ok((await Promise.all(outcomes)).every((outcome) => outcome === 'accepted'));
  assert.equal(intake.inflightBytes, 0, `seed ${seed}`);
}

/** Returns a random whole number from 0 up to below the bound. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
