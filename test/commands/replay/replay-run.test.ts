/** Tests the pace of a replay, with time that passes only in the test. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Answer } from '../../../src/client/answer.ts';
import { type ReplayedRequest, replay } from '../../../src/commands/replay/replay-run.ts';
import { ManualClock } from '../../../src/shared/clock.ts';
import { type Signal, signals } from '../../../src/shared/signal.ts';

const startMs = 1_800_000_000_000;
const accepted: Answer = { verdict: 'accepted', rejectedItems: 0, message: '' };

interface Scenario {
  /** In milliseconds after the first hour of all. */
  readonly times: Partial<Record<Signal, readonly number[]>>;
  readonly speed?: number;
  readonly answers?: readonly Answer[];
  readonly sendMs?: number;
  readonly stopAfter?: number;
}

async function run({ times, speed, answers = [accepted], sendMs = 0, stopAfter }: Scenario) {
  const clock = new ManualClock(startMs);
  const stop = new AbortController();
  const sent: string[] = [];
  async function* requests(signal: Signal): AsyncGenerator<ReplayedRequest> {
    for (const time of times[signal] ?? []) {
      const receivedTime = BigInt(startMs - 3_600_000 + time) * 1_000_000n;
      yield { signal, rows: 10, bytes: Buffer.from(String(time)), receivedTime };
    }
  }
  const ports = {
    clock,
    requests,
    sleep: async (ms: number) => clock.advance(ms),
    send: async (signal: Signal, body: Uint8Array) => {
      sent.push(`${signal} ${body} at ${Math.round(clock.monotonicMs())}`);
      clock.advance(sendMs);
      if (sent.length === stopAfter) stop.abort();
      return answers[Math.min(sent.length, answers.length) - 1]!;
    },
    fraction: () => 1,
    progress: () => {},
  };
  const plan = { signals, concurrency: 1, speed };
  const tally = await replay(plan, ports, stop.signal);
  return { tally, sent };
}

describe('replay', () => {
  it('without a speed: at once, all signals in the order of their times', async () => {
    const { tally, sent } = await run({ times: { logs: [10, 30], traces: [0, 20] } });
    assert.deepEqual(sent, ['traces 0 at 0', 'logs 10 at 0', 'traces 20 at 0', 'logs 30 at 0']);
    assert.equal(tally.items.get('traces')?.acknowledged, 20);
    assert.equal(tally.items.get('metrics')?.acknowledged, 0);
  });

  it('1x: the recorded distances; 2x: half of them', async () => {
    const times = { traces: [5_000, 6_000, 9_000], logs: [5_500] };
    const once = await run({ times, speed: 1 });
    const expected = ['traces 5000 at 0', 'logs 5500 at 500', 'traces 6000 at 1000'];
    assert.deepEqual(once.sent, [...expected, 'traces 9000 at 4000']);
    const twice = await run({ times, speed: 2 });
    assert.equal(twice.sent.at(-1), 'traces 9000 at 2000');
    assert.equal(twice.tally.seconds, 2);
  });

  it('what is late is made up for', async () => {
    const { sent } = await run({ times: { traces: [0, 10, 20, 500] }, speed: 1, sendMs: 100 });
    const expected = ['traces 0 at 0', 'traces 10 at 100', 'traces 20 at 200'];
    assert.deepEqual(sent, [...expected, 'traces 500 at 500']);
  });

  it('a pause of months is one, timers or not', async () => {
    const times = { traces: [-100 * 86_400_000, 0] };
    const { sent } = await run({ times, speed: 1 });
    assert.equal(sent.at(-1), `traces 0 at ${100 * 86_400_000}`);
  });

  it('a destination that says when to come back is not asked sooner', async () => {
    const answers: Answer[] = [
      { verdict: 'unavailable', message: 'HTTP 503', retryAfterMs: 3_600_000 },
      accepted,
    ];
    const { sent, tally } = await run({ times: { traces: [0] }, answers });
    assert.deepEqual(sent, ['traces 0 at 0', 'traces 0 at 3600000']);
    assert.equal(tally.retries, 1);
  });

  it('a destination that never answers: gives up after 30 s, and counts what was sent', async () => {
    const silent: Answer = { verdict: 'unavailable', message: 'ECONNREFUSED', retryAfterMs: 0 };
    const times = { traces: Array.from({ length: 1000 }, (_, index) => index) };
    const { tally } = await run({ times, answers: [accepted, silent], sendMs: 100 });
    assert.equal(tally.gaveUp, true);
    assert.equal(tally.items.get('traces')?.acknowledged, 10);
    assert.equal(tally.lastProblem, 'ECONNREFUSED, for 30 s');
    assert.ok(tally.seconds >= 30 && tally.seconds < 31, `${tally.seconds}`);
  });

  it('what was received since it began, perhaps from itself, is left out', async () => {
    const { sent } = await run({ times: { traces: [0, 3_600_000, 3_700_000] } });
    assert.deepEqual(sent, ['traces 0 at 0']);
  });

  it('stop: nothing more is sent', async () => {
    const { sent } = await run({ times: { traces: [0, 1, 2, 3] }, speed: 1, stopAfter: 2 });
    assert.equal(sent.length, 2);
  });
});
