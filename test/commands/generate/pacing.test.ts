/** Tests pacing, retries and counting, with time that passes only in the test. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Answer } from '../../../src/client/answer.ts';
import { sendTraffic } from '../../../src/commands/generate/pacing.ts';
import type { GenerateSettings } from '../../../src/commands/generate/settings.ts';
import { Traffic } from '../../../src/commands/generate/traffic.ts';
import { ManualClock } from '../../../src/shared/clock.ts';
import type { Signal } from '../../../src/shared/signal.ts';
import { settingsWith } from './open-traffic.ts';

const accepted: Answer = { verdict: 'accepted', rejectedItems: 0, message: '' };
const refused: Answer = {
  verdict: 'refused',
  message: 'HTTP 400 no span',
  isMisdirected: false,
};

function unavailable(retryAfterMs = 0): Answer {
  return { verdict: 'unavailable', message: 'HTTP 503', retryAfterMs };
}

interface Scenario {
  readonly plan?: Partial<GenerateSettings>;
  /** The answers in order; the last one is repeated. */
  readonly answers?: readonly Answer[];
  readonly sendMs?: number;
  readonly stop?: AbortSignal;
  readonly afterSend?: (sentCount: number) => void;
}

/** Runs a delivery of 100 spans a request; every sleep and every answer moves the clock. */
async function run({ plan = {}, answers = [accepted], sendMs = 1, ...rest }: Scenario) {
  const clock = new ManualClock(1_800_000_000_000);
  const settings = settingsWith({ signals: ['traces'], metricInterval: 250, ...plan });
  const traffic = new Traffic(settings);
  const sleeps: number[] = [];
  const sentAtMs: number[] = [];
  const sentSignals: Signal[] = [];
  const ports: Parameters<typeof sendTraffic>[2] = {
    clock,
    sleep: async (ms) => {
      sleeps.push(Math.round(ms));
      clock.advance(ms);
    },
    serialize: () => new Uint8Array(),
    send: async (signal) => {
      sentSignals.push(signal);
      sentAtMs.push(Math.round(clock.monotonicMs()));
      clock.advance(sendMs);
      rest.afterSend?.(sentAtMs.length);
      return answers[Math.min(sentAtMs.length, answers.length) - 1] ?? accepted;
    },
    fraction: () => 0.5,
    progress: () => {},
  };
  const tally = await sendTraffic(
    traffic,
    settings,
    ports,
    rest.stop ?? new AbortController().signal,
  );
  const [items = { acknowledged: 0, rejected: 0, failed: 0 }] = tally.items.values();
  return { tally: { ...tally, ...items }, sleeps, sentAtMs, sentSignals };
}

describe('pacing', () => {
  it('rate: each request goes out when its last span is due', async () => {
    const { tally, sentAtMs } = await run({});
    assert.deepEqual(sentAtMs, [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
    assert.equal(tally.acknowledged, 1000);
    assert.equal(tally.requests, 10);
    assert.equal(tally.seconds, 1.001);
  });

  it('rate: a smaller last request comes at the end of the duration', async () => {
    const { tally, sentAtMs } = await run({ plan: { spansTotal: 250, duration: 250 } });
    assert.deepEqual(sentAtMs, [100, 200, 250]);
    assert.equal(tally.acknowledged, 250);
  });

  it('rate: what is late is made up for, and all is sent', async () => {
    const { tally, sentAtMs } = await run({ sendMs: 300 });
    assert.equal(tally.acknowledged, 1000);
    assert.equal(sentAtMs.at(-1), 100 + 9 * 300);
  });

  it('rate 0: sends until the duration is over, then what is held', async () => {
    const plan = { rate: 0, spansTotal: Number.POSITIVE_INFINITY, duration: 500 };
    const { tally, sleeps, sentAtMs } = await run({ plan, sendMs: 50 });
    assert.deepEqual(sleeps, []);
    assert.ok(sentAtMs.length > 10 && sentAtMs.length < 20, `${sentAtMs.length}`);
    assert.equal(tally.failed, 0);
  });

  it('signals: each is counted for itself, metrics once in an interval and at the end', async () => {
    const signals = ['traces', 'metrics', 'logs'] as const;
    const { tally, sentAtMs, sentSignals } = await run({ plan: { signals }, sendMs: 0 });
    assert.deepEqual([...tally.items.keys()], signals);
    assert.equal(tally.items.get('traces')?.acknowledged, 1000);
    const { acknowledged = 0 } = tally.items.get('logs') ?? {};
    assert.ok(acknowledged > 200 && acknowledged < 1000, `${acknowledged} log records`);
    const exportsAtMs = sentAtMs.filter((_, index) => sentSignals[index] === 'metrics');
    assert.deepEqual([...new Set(exportsAtMs)], [300, 500, 800, 1000]);
  });

  it('signals: without traces the rate paces what else is sent', async () => {
    const { tally, sentAtMs, sentSignals } = await run({ plan: { signals: ['logs'] }, sendMs: 0 });
    assert.deepEqual([...tally.items.keys()], ['logs']);
    assert.deepEqual([...new Set(sentSignals)], ['logs']);
    assert.ok(
      sentAtMs.every((ms) => ms >= 400 && ms <= 1000),
      `${sentAtMs}`,
    );
    assert.ok(tally.acknowledged > 200);
  });

  it('retry: after a growing pause, and then acknowledged', async () => {
    const answers = [unavailable(), unavailable(), accepted];
    const { tally, sleeps } = await run({ plan: { spansTotal: 100 }, answers });
    assert.deepEqual(sleeps, [100, 150, 300]);
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
});
