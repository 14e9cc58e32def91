/** A forwarder between a log in memory and a destination that answers as it is told. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Answer } from '../../src/egress/answer.ts';
import { Cursor } from '../../src/egress/cursor.ts';
import { Forwarder, type ForwardRules } from '../../src/egress/forwarder.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { silentJournal } from '../../src/shared/journal.ts';
import { FakeLog } from './fake-log.ts';

const accepted: Answer = { verdict: 'accepted', rejectedItems: 0, message: '' };
const unavailable: Answer = { verdict: 'unavailable', message: 'away', retryAfterMs: 0 };
const refused: Answer = { verdict: 'refused', message: 'no', isMisdirected: false };
const misdirected: Answer = { verdict: 'refused', message: 'who?', isMisdirected: true };

const rules: ForwardRules = {
  name: 'upstream',
  signals: ['traces', 'metrics', 'logs'],
  samplingRatio: 1,
  concurrency: 1,
  rateLimit: 0,
  retry: { initialMs: 100, multiplier: 2, maxMs: 1_000 },
  breaker: { failureCount: 3, resetMs: 5_000, successCount: 2 },
};

/** Time moves as far as is slept, so that nothing takes any. */
class Destination {
  readonly clock = new ManualClock(1_000_000);
  readonly fake = new FakeLog();
  readonly sent: { readonly position: number; readonly ms: number }[] = [];
  readonly saved: string[] = [];
  readonly forwarder: Forwarder;
  answers: Answer[] = [];
  /** Requests that are never answered, until they are cut. */
  isHanging = false;
  underWayMax = 0;
  #underWay = 0;

  constructor(changed: Partial<ForwardRules> = {}, text?: string) {
    const start = { lane: 0, through: 0 };
    this.forwarder = new Forwarder({
      rules: { ...rules, ...changed },
      send: (_signal, bytes, stop) => this.#send(bytes, stop),
      log: this.fake.log,
      archive: this.fake.archive,
      cursor: text === undefined ? Cursor.startingAt(start) : Cursor.fromText(0, text)!,
      saveCursor: (saved) => this.saved.push(saved),
      clock: this.clock,
      journal: silentJournal,
      sleep: async (ms) => {
        await turn();
        this.clock.advance(ms);
      },
      fraction: () => 1,
    });
  }

  get positions(): number[] {
    return this.sent.map(({ position }) => position);
  }

  /** Runs until so many requests were sent, and some turns more. */
  async run(sentCount: number): Promise<void> {
    this.forwarder.start();
    for (let turns = 0; this.sent.length < sentCount; turns++) {
      assert.ok(turns < 100_000, `${this.sent.length} of ${sentCount} were sent`);
      await turn();
    }
    for (let turns = 0; turns < 5; turns++) await turn();
  }

  async #send(bytes: Uint8Array, stop: AbortSignal): Promise<Answer> {
    this.sent.push({ position: Number(Buffer.from(bytes)), ms: this.clock.monotonicMs() });
    this.underWayMax = Math.max(this.underWayMax, ++this.#underWay);
    if (this.isHanging) await new Promise((resolve) => stop.addEventListener('abort', resolve));
    await turn();
    this.#underWay -= 1;
    return this.isHanging ? unavailable : (this.answers.shift() ?? accepted);
  }
}

function add(destination: Destination, count: number): void {
  for (let position = 1; position <= count; position++) destination.fake.add(position);
}

describe('Forwarder', () => {
  it('delivers all, in order, and what comes later too', async () => {
    const destination = new Destination();
    add(destination, 5);
    await destination.run(5);
    destination.fake.add(6);
    await destination.run(6);
    await destination.forwarder.stop(0);
    assert.deepEqual(destination.positions, [1, 2, 3, 4, 5, 6]);
    const { delivered, nextPosition, lastSuccessMs } = destination.forwarder.status();
    assert.deepEqual([delivered, nextPosition], [6, 7]);
    assert.ok(lastSuccessMs !== undefined);
  });

  it('unavailable: the same request again, after a growing delay, until it is delivered', async () => {
    const destination = new Destination({ breaker: { ...rules.breaker, failureCount: 99 } });
    add(destination, 2);
    destination.answers = [unavailable, unavailable, unavailable];
    await destination.run(5);
    await destination.forwarder.stop(0);
    assert.deepEqual(destination.positions, [1, 1, 1, 1, 2]);
    const delays = destination.sent
      .slice(1, 4)
      .map(({ ms }, index) => ms - destination.sent[index]!.ms);
    assert.deepEqual(delays, [100, 200, 400]);
    const { delivered, retried } = destination.forwarder.status();
    assert.deepEqual([delivered, retried], [2, 3]);
  });

  it('Retry-After: is not asked sooner', async () => {
    const destination = new Destination();
    add(destination, 1);
    destination.answers = [{ ...unavailable, retryAfterMs: 4_321 }];
    await destination.run(2);
    await destination.forwarder.stop(0);
    assert.equal(destination.sent[1]!.ms - destination.sent[0]!.ms, 4_321);
  });

  it('refused for good: dropped, counted, and the next is sent', async () => {
    const destination = new Destination();
    add(destination, 3);
    destination.answers = [accepted, refused, accepted];
    await destination.run(3);
    await destination.forwarder.stop(0);
    const { delivered, dropped, breaker, lastError } = destination.forwarder.status();
    assert.deepEqual([delivered, dropped, breaker, lastError], [2, 1, 'closed', 'no']);
  });

  it('partial success: counted, not sent again', async () => {
    const destination = new Destination();
    add(destination, 1);
    destination.answers = [{ verdict: 'accepted', rejectedItems: 2, message: 'two were late' }];
    await destination.run(1);
    await destination.forwarder.stop(0);
    const { delivered, partial } = destination.forwarder.status();
    assert.deepEqual([delivered, partial, destination.sent.length], [1, 1, 1]);
  });

  it('failures in a row: the breaker opens, and one probe comes after the reset', async () => {
    const destination = new Destination({ concurrency: 4 });
    add(destination, 20);
    destination.answers = Array(4).fill(unavailable);
    await destination.run(20);
    const opened = destination.sent.findIndex(({ ms }, index) => {
      return index > 0 && ms - destination.sent[index - 1]!.ms >= 5_000;
    });
    assert.ok(opened > 0 && opened <= 4, `the gap is before request ${opened}`);
    assert.equal(destination.forwarder.status().breaker, 'closed');
    await destination.forwarder.stop(0);
    assert.deepEqual([...new Set(destination.positions)].sort((a, b) => a - b).length, 20);
  });

  it('a wrong token: costs a handful of requests and not the stream', async () => {
    const destination = new Destination();
    add(destination, 30);
    destination.answers = Array(5).fill(misdirected);
    await destination.run(30);
    await destination.forwarder.stop(0);
    const { dropped, delivered } = destination.forwarder.status();
    assert.deepEqual([dropped, delivered], [5, 25]);
    const lateMs = destination.sent[5]!.ms - destination.sent[0]!.ms;
    assert.ok(lateMs >= 10_000, `the breaker had opened: ${lateMs} ms`);
  });

  it('concurrency: never more under way', async () => {
    const destination = new Destination({ concurrency: 3 });
    add(destination, 40);
    await destination.run(40);
    await destination.forwarder.stop(0);
    assert.equal(destination.underWayMax, 3);
  });

  it('a rate: requests are spread over the seconds', async () => {
    const destination = new Destination({ rateLimit: 10, concurrency: 8 });
    add(destination, 40);
    await destination.run(40);
    await destination.forwarder.stop(0);
    const seconds = (destination.sent[39]!.ms - destination.sent[0]!.ms) / 1000;
    assert.ok(seconds >= 2.9, `${seconds} s`);
  });

  it('stopped while a destination hangs: ends within its grace, and sends that again', async () => {
    const destination = new Destination({ concurrency: 2 });
    add(destination, 5);
    destination.isHanging = true;
    await destination.run(2);
    await destination.forwarder.stop(10);
    assert.deepEqual(destination.positions, [1, 2]);
    const again = new Destination({}, destination.saved.at(-1));
    add(again, 5);
    await again.run(5);
    await again.forwarder.stop(0);
    assert.deepEqual(again.positions, [1, 2, 3, 4, 5]);
  });

  it('stopped while the breaker is open: at once', async () => {
    const destination = new Destination();
    add(destination, 5);
    destination.answers = Array(99).fill(unavailable);
    await destination.run(3);
    await destination.forwarder.stop(0);
    assert.equal(destination.forwarder.status().nextPosition, 1);
  });

  it('the cursor: is written at most once a second, and at the stop', async () => {
    const destination = new Destination({ rateLimit: 100 });
    add(destination, 500);
    await destination.run(500);
    const seconds = (destination.clock.monotonicMs() - 0) / 1000;
    await destination.forwarder.stop(0);
    assert.ok(
      destination.saved.length <= seconds + 2,
      `${destination.saved.length} in ${seconds} s`,
    );
    assert.equal(Cursor.fromText(0, destination.saved.at(-1)!)?.nextPosition(['traces']), 501);
  });

  it('retention: what was not sent and is not in the log is lost, and counted', async () => {
    const destination = new Destination();
    add(destination, 8);
    destination.isHanging = true;
    await destination.run(1);
    destination.fake.overtakenThrough = 4;
    destination.forwarder.leaving('traces', [1, 2, 3]);
    destination.forwarder.leaving('logs', []);
    assert.equal(destination.forwarder.status().lost, 3);
    destination.forwarder.leaving('traces', [5, 6]);
    assert.equal(destination.forwarder.status().lost, 3);
    await destination.forwarder.stop(0);
  });

  it('retention: what the log still has is lost only when it is overtaken', async () => {
    const destination = new Destination();
    add(destination, 8);
    destination.forwarder.leaving('traces', [5, 6]);
    assert.equal(destination.forwarder.status().lost, 0);
    destination.fake.overtakenThrough = 6;
    destination.fake.forget([5, 6]);
    await destination.run(6);
    await destination.forwarder.stop(0);
    assert.deepEqual(destination.positions, [1, 2, 3, 4, 7, 8]);
    assert.equal(destination.forwarder.status().lost, 2);
  });

  it('a cursor that cannot be written: forwarding goes on', async () => {
    const destination = new Destination();
    destination.saved.push = () => {
      throw new Error('the disk is full');
    };
    add(destination, 5);
    await destination.run(5);
    await destination.forwarder.stop(0);
    assert.equal(destination.forwarder.status().delivered, 5);
  });
});
