/** Tests pacing, retries and counting, with time that passes only in the test. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type DeliveryPlan,
  type DeliveryPorts,
  deliver,
  sleep,
} from '../../../src/commands/generate/delivery.ts';
import { Random } from '../../../src/commands/generate/random.ts';
import type { Answer } from '../../../src/commands/generate/sender.ts';
import { openShop } from '../../../src/commands/generate/shop.ts';
import { Traffic } from '../../../src/commands/generate/traffic.ts';
import { ManualClock } from '../../../src/shared/clock.ts';

const accepted: Answer = { verdict: 'accepted', rejectedSpans: 0, message: '' };
const refused: Answer = { verdict: 'refused', message: 'HTTP 400 no span' };

function unavailable(retryAfterMs = 0): Answer {
  return { verdict: 'unavailable', message: 'HTTP 503', retryAfterMs };
}

interface Scenario {
  readonly plan?: Partial<DeliveryPlan>;
  /** Given one after the other; the last of them for ever. */
  readonly answers?: readonly Answer[];
  readonly sendMs?: number;
  readonly stop?: AbortSignal;
  readonly afterSend?: (sentCount: number) => void;
}

/** Runs a delivery of 100 spans a request; every sleep and every answer moves the clock. */
async function run({ plan = {}, answers = [accepted], sendMs = 1, ...rest }: Scenario) {
  const clock = new ManualClock(1_800_000_000_000);
  const whole = {
    rate: 1000,
    durationMs: 1000,
    spansTotal: 1000,
    spansPerRequest: 100,
    concurrency: 1,
    ...plan,
  };
  const random = new Random(1);
  const traffic = new Traffic(openShop(random), random, whole);
  const sleeps: number[] = [];
  const sentAtMs: number[] = [];
  const ports: DeliveryPorts = {
    clock,
    sleep: async (ms) => {
      sleeps.push(Math.round(ms));
      clock.advance(ms);
    },
    encode: () => new Uint8Array(),
    send: async () => {
      sentAtMs.push(Math.round(clock.monotonicMs()));
      clock.advance(sendMs);
      rest.afterSend?.(sentAtMs.length);
      return answers[Math.min(sentAtMs.length, answers.length) - 1] ?? accepted;
    },
    fraction: () => 0.5,
    progress: () => {},
  };
  const tally = await deliver(traffic, whole, ports, rest.stop ?? new AbortController().signal);
  return { tally, sleeps, sentAtMs };
}

describe('delivery', () => {
  it('rate: each request goes out when its last span is due', async () => {
    const { tally, sentAtMs } = await run({});
    assert.deepEqual(sentAtMs, [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
    assert.equal(tally.acknowledged, 1000);
    assert.equal(tally.requests, 10);
    assert.equal(tally.seconds, 1.001);
  });

  it('rate: a smaller last request comes at the end of the duration', async () => {
    const { tally, sentAtMs } = await run({ plan: { spansTotal: 250, durationMs: 250 } });
    assert.deepEqual(sentAtMs, [100, 200, 250]);
    assert.equal(tally.acknowledged, 250);
  });

  it('rate: what is late is made up for, and all is sent', async () => {
    const { tally, sentAtMs } = await run({ sendMs: 300 });
    assert.equal(tally.acknowledged, 1000);
    assert.equal(sentAtMs.at(-1), 100 + 9 * 300);
  });

  it('rate 0: sends until the duration is over, then what is held', async () => {
    const plan = { rate: 0, spansTotal: Number.POSITIVE_INFINITY, durationMs: 500 };
    const { tally, sleeps, sentAtMs } = await run({ plan, sendMs: 50 });
    assert.deepEqual(sleeps, []);
    assert.ok(sentAtMs.length > 10 && sentAtMs.length < 20, `${sentAtMs.length}`);
    assert.equal(tally.failed, 0);
  });

  it('concurrency: as many requests are under way, and no more', async () => {
    let underWay = 0;
    let most = 0;
    const random = new Random(1);
    const plan = { rate: 0, durationMs: 1, spansTotal: 2000, spansPerRequest: 100, concurrency: 3 };
    const traffic = new Traffic(openShop(random), random, plan);
    const ports: DeliveryPorts = {
      clock: new ManualClock(1_800_000_000_000),
      sleep,
      encode: () => new Uint8Array(),
      send: async () => {
        underWay++;
        most = Math.max(most, underWay);
        await sleep(2, new AbortController().signal);
        underWay--;
        return accepted;
      },
      fraction: () => 0.5,
      progress: () => {},
    };
    const tally = await deliver(traffic, plan, ports, new AbortController().signal);
    assert.equal(most, 3);
    assert.equal(tally.acknowledged, 2000);
  });

  it('retry: after a growing pause, and then acknowledged', async () => {
    const answers = [unavailable(), unavailable(), accepted];
    const { tally, sleeps } = await run({ plan: { spansTotal: 100 }, answers });
    assert.deepEqual(sleeps, [100, 200, 400]);
    assert.equal(tally.acknowledged, 100);
    assert.equal(tally.retries, 2);
    assert.equal(tally.requests, 1);
  });

  it('retry: no sooner than the server asks, but within bounds', async () => {
    const answers = [unavailable(5_000), unavailable(3_600_000), accepted];
    const { sleeps } = await run({ plan: { spansTotal: 100 }, answers });
    assert.deepEqual(sleeps, [100, 5_000, 30_000]);
  });

  it('retry: ends after the sixth try, and the spans have failed', async () => {
    const { tally, sentAtMs } = await run({ plan: { spansTotal: 100 }, answers: [unavailable()] });
    assert.equal(sentAtMs.length, 6);
    assert.equal(tally.failed, 100);
    assert.equal(tally.lastProblem, 'HTTP 503');
  });

  it('refused: the spans are rejected and not sent again', async () => {
    const { tally, sentAtMs } = await run({ answers: [refused, accepted] });
    assert.equal(tally.rejected, 100);
    assert.equal(tally.acknowledged, 900);
    assert.equal(sentAtMs.length, 10);
    assert.equal(tally.lastProblem, 'HTTP 400 no span');
  });

  it('partial success: counts both parts, whatever number the server gives', async () => {
    const partial = (rejectedSpans: number): Answer => ({
      verdict: 'accepted',
      rejectedSpans,
      message: 'too old',
    });
    const { tally } = await run({ answers: [partial(30), partial(1e9), partial(-5), accepted] });
    assert.equal(tally.rejected, 130);
    assert.equal(tally.acknowledged, 870);
  });

  it('gives up: when as many requests fail in a row as may be under way', async () => {
    const { tally, sentAtMs } = await run({ answers: [unavailable()], plan: { concurrency: 2 } });
    assert.equal(tally.gaveUp, true);
    assert.ok(tally.failed >= 200 && tally.failed < 1000, `${tally.failed}`);
    assert.ok(sentAtMs.length < 60);
  });

  it('stop: no more requests, no more retries, what is under way is counted', async () => {
    const stop = new AbortController();
    const { tally, sentAtMs } = await run({
      answers: [accepted, accepted, unavailable()],
      stop: stop.signal,
      afterSend: (sentCount) => {
        if (sentCount === 3) stop.abort();
      },
    });
    assert.equal(sentAtMs.length, 3);
    assert.equal(tally.acknowledged, 200);
    assert.equal(tally.failed, 100);
  });

  it('sleep: an aborted signal ends it early', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 5);
    await sleep(60_000, stop.signal);
    await sleep(60_000, stop.signal);
  });
});
