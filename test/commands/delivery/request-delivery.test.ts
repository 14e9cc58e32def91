/** Tests concurrency, retries and giving up, with time that passes only in the test. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Answer } from '../../../src/client/answer.ts';
import {
  type DeliveryPorts,
  RequestDelivery,
  sleep,
} from '../../../src/commands/delivery/request-delivery.ts';
import { ManualClock } from '../../../src/shared/clock.ts';

const accepted: Answer = { verdict: 'accepted', rejectedItems: 0, message: '' };
const request = { signal: 'traces', body: new Uint8Array(), itemCount: 10 } as const;
const retry = {
  ...{ initialMs: 100, multiplier: 2, maxMs: 500 },
  ...{ triesMax: 5, retryAfterMsMax: 30_000 },
};

function unavailable(retryAfterMs = 0): Answer {
  return { verdict: 'unavailable', message: 'HTTP 503', retryAfterMs };
}

function refused(isMisdirected: boolean): Answer {
  return { verdict: 'refused', message: 'HTTP 4xx', isMisdirected };
}

interface Scenario {
  /** Given one after the other; the last of them for ever. */
  readonly answers: readonly Answer[];
  readonly concurrency?: number;
  readonly stop?: AbortSignal;
}

function open({ answers, concurrency = 1, stop = new AbortController().signal }: Scenario) {
  const clock = new ManualClock(1_800_000_000_000);
  const sleeps: number[] = [];
  const reasons: string[] = [];
  let sentCount = 0;
  const ports: DeliveryPorts = {
    clock,
    sleep: async (ms) => {
      sleeps.push(ms);
      clock.advance(ms);
    },
    send: async () => {
      clock.advance(1);
      return answers[Math.min(++sentCount, answers.length) - 1]!;
    },
    fraction: () => 1,
    progress: () => {},
    onFirstRetry: (reason) => reasons.push(reason),
  };
  const delivery = new RequestDelivery({ signals: ['traces'], concurrency, retry }, ports, stop);
  return { delivery, sleeps, reasons, sentCount: () => sentCount };
}

describe('request-delivery', () => {
  it('retries after a growing pause, and counts them', async () => {
    const answers = [unavailable(), unavailable(), accepted];
    const { delivery, sleeps, reasons } = open({ answers });
    await delivery.start(request);
    const tally = await delivery.finish();
    assert.deepEqual(reasons, ['HTTP 503'], 'told once');
    assert.deepEqual(sleeps, [100, 200]);
    assert.deepEqual([tally.requests, tally.retries, tally.seconds], [1, 2, 0.303]);
    assert.equal(tally.items.get('traces')?.acknowledged, 10);
  });

  it('retries no sooner than asked, but within bounds', async () => {
    const answers = [unavailable(5_000), unavailable(3_600_000), accepted];
    const { delivery, sleeps } = open({ answers });
    await delivery.start(request);
    await delivery.finish();
    assert.deepEqual(sleeps, [5_000, 30_000]);
  });

  it('after so many tries the request has failed, and nothing more is to be started', async () => {
    const { delivery, sleeps, sentCount } = open({ answers: [unavailable()] });
    await delivery.start(request);
    const tally = await delivery.finish();
    assert.deepEqual(sleeps, [100, 200, 400, 500]);
    assert.equal(sentCount(), 5);
    assert.equal(tally.items.get('traces')?.failed, 10);
    assert.equal(delivery.isOver, true);
    assert.equal(tally.gaveUp, true);
  });

  it('what is refused for good is not sent again, and others may be taken', async () => {
    const { delivery, sentCount } = open({ answers: [refused(false)] });
    for (let count = 0; count < 9; count++) await delivery.start(request);
    const tally = await delivery.finish();
    assert.equal(sentCount(), 9);
    assert.equal(tally.items.get('traces')?.rejected, 90);
    assert.equal(tally.gaveUp, false);
  });

  it('a wrong address or token costs no more requests than may be under way', async () => {
    const { delivery, sentCount } = open({ answers: [refused(true)], concurrency: 3 });
    while (!delivery.isOver) await delivery.start(request);
    const tally = await delivery.finish();
    assert.equal(tally.gaveUp, true);
    assert.ok(sentCount() >= 3 && sentCount() <= 5, `${sentCount()} sent`);
  });

  it('a success in between: nobody gives up', async () => {
    const answers = [refused(true), accepted, refused(true), accepted];
    const { delivery } = open({ answers, concurrency: 2 });
    for (let count = 0; count < 4; count++) await delivery.start(request);
    assert.equal((await delivery.finish()).gaveUp, false);
  });

  it('stop: no more retries; the request has failed', async () => {
    const stop = new AbortController();
    const { delivery, sentCount } = open({ answers: [unavailable()], stop: stop.signal });
    stop.abort();
    assert.equal(delivery.isOver, true);
    await delivery.start(request);
    const tally = await delivery.finish();
    assert.deepEqual([sentCount(), tally.retries], [1, 0]);
    assert.equal(tally.items.get('traces')?.failed, 10);
  });

  it('concurrency: as many requests are under way, and no more', async () => {
    const never = new AbortController().signal;
    let [underWay, most] = [0, 0];
    const ports: DeliveryPorts = {
      clock: new ManualClock(1_800_000_000_000),
      sleep,
      send: async () => {
        most = Math.max(most, ++underWay);
        await sleep(2, never);
        underWay--;
        return accepted;
      },
      fraction: () => 0.5,
      progress: () => {},
    };
    const rules = { signals: ['traces'], concurrency: 3, retry } as const;
    const delivery = new RequestDelivery(rules, ports, never);
    for (let count = 0; count < 20; count++) await delivery.start(request);
    const tally = await delivery.finish();
    assert.equal(most, 3);
    assert.equal(tally.items.get('traces')?.acknowledged, 200);
  });

  it('each request tells its own answer', async () => {
    const { delivery } = open({ answers: [accepted, refused(false)] });
    const verdicts: string[] = [];
    for (let count = 0; count < 2; count++) {
      await delivery.start(request, ({ verdict }) => verdicts.push(verdict));
    }
    await delivery.finish();
    assert.deepEqual(verdicts, ['accepted', 'refused']);
  });

  it('sleep: an aborted signal ends it early', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 5);
    await sleep(60_000, stop.signal);
    await sleep(60_000, stop.signal);
  });
});
