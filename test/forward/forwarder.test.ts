/** Which requests a forwarder delivers, and how it counts them. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Cursor } from '../../src/forward/cursor.ts';
import { requestType } from '../../src/shared/otlp-messages.ts';
import {
  accepted,
  add,
  Destination,
  misdirected,
  refused,
  rules,
  stopAll,
  unavailable,
} from './forwarder-world.ts';

afterEach(stopAll);

describe('Forwarder', () => {
  it('delivers all requests in order, also later ones', async () => {
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

  it('unavailable: sends the same request again after a growing delay', async () => {
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

  it('Retry-After: the request is not sent sooner', async () => {
    const destination = new Destination();
    add(destination, 1);
    destination.answers = [{ ...unavailable, retryAfterMs: 4_321 }];
    await destination.run(2);
    await destination.forwarder.stop(0);
    assert.equal(destination.sent[1]!.ms - destination.sent[0]!.ms, 4_321);
  });

  it('refused: the request is dropped and counted, and the next is sent', async () => {
    const destination = new Destination();
    add(destination, 3);
    destination.answers = [accepted, refused, accepted];
    await destination.run(3);
    await destination.forwarder.stop(0);
    const { delivered, dropped, breaker, lastError } = destination.forwarder.status();
    assert.deepEqual([delivered, dropped, breaker, lastError], [2, 1, 'closed', 'no']);
  });

  it('partial success: counted and not sent again', async () => {
    const destination = new Destination();
    add(destination, 1);
    destination.answers = [{ verdict: 'accepted', rejectedItems: 2, message: 'two were late' }];
    await destination.run(1);
    await destination.forwarder.stop(0);
    const { delivered, partial } = destination.forwarder.status();
    assert.deepEqual([delivered, partial, destination.sent.length], [1, 1, 1]);
  });

  it('failures in a row: the breaker opens, and one probe is sent after the reset', async () => {
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

  it('a wrong token: only a handful of requests is dropped', async () => {
    const destination = new Destination();
    add(destination, 30);
    destination.answers = Array(5).fill(misdirected);
    await destination.run(30);
    await destination.forwarder.stop(0);
    const { dropped, delivered } = destination.forwarder.status();
    assert.deepEqual([dropped, delivered], [5, 25]);
    const lateMs = destination.sent[5]!.ms - destination.sent[0]!.ms;
    assert.ok(lateMs >= 10_000, `the breaker opened: ${lateMs} ms`);
  });

  it('concurrency: never more requests in flight', async () => {
    const destination = new Destination({ concurrency: 3 });
    add(destination, 40);
    await destination.run(40);
    await destination.forwarder.stop(0);
    assert.equal(destination.inFlightMax, 3);
  });

  it('rate limit: requests are spread over time', async () => {
    const destination = new Destination({ rateLimit: 10, concurrency: 8 });
    add(destination, 40);
    await destination.run(40);
    await destination.forwarder.stop(0);
    const seconds = (destination.sent[39]!.ms - destination.sent[0]!.ms) / 1000;
    assert.ok(seconds >= 2.9, `${seconds} s`);
  });

  it('stopped while a destination hangs: the requests stay pending for the next start', async () => {
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

  it('stopped while the breaker is open: ends at once', async () => {
    const destination = new Destination();
    add(destination, 5);
    destination.answers = Array(99).fill(unavailable);
    await destination.run(3);
    await destination.forwarder.stop(0);
    assert.equal(destination.forwarder.status().nextPosition, 1);
  });

  it('the cursor: is saved at most once a second, and at the stop', async () => {
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

  it('sampling: counts requests without a record left, and removed records', async () => {
    const destination = new Destination({ samplingRatio: 0.5 });
    const span = (last: number) => ({ traceId: Buffer.alloc(16, last), name: 'x' });
    const [low, high] = [span(0), span(255)];
    for (const [index, spans] of [[low], [low, high, low], [high]].entries()) {
      const type = requestType('traces');
      const request = type.fromObject({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
      destination.fake.add(index + 1, 'traces', type.encode(request).finish());
    }
    await destination.run(2);
    await destination.forwarder.stop(0);
    const { sampledOut, sampledOutItems, delivered, lagRequests } = destination.forwarder.status();
    assert.deepEqual([sampledOut, sampledOutItems, delivered, lagRequests], [1, 3, 2, 0]);
  });

  it('a destination that comes and goes: the breaker is logged once a minute', async () => {
    const destination = new Destination({ breaker: { ...rules.breaker, resetMs: 10 } });
    add(destination, 400);
    destination.answers = Array.from({ length: 400 }, (_, index) =>
      index % 8 < 4 ? unavailable : accepted,
    );
    await destination.run(500);
    await destination.forwarder.stop(0);
    const logged = destination.lines.filter((line) => /breaker is open/.test(line)).length;
    const minutes = destination.clock.monotonicMs() / 60_000;
    assert.ok(logged >= 1 && logged <= minutes + 1, `${logged} times in ${minutes} minutes`);
  });
});

describe('Forwarder: retention', () => {
  it('unsent requests that are not in the log are lost', async () => {
    const destination = new Destination();
    add(destination, 8);
    destination.fake.framesMax = 1;
    destination.isHanging = true;
    await destination.run(1);
    destination.fake.overtakenThrough = 4;
    destination.forwarder.onSegmentDeleted('traces', [1, 2, 3]);
    destination.forwarder.onSegmentDeleted('logs', []);
    // The first request is in flight, so it is not lost.
    assert.equal(destination.forwarder.status().lost, 2);
    destination.forwarder.onSegmentDeleted('traces', [5, 6]);
    assert.equal(destination.forwarder.status().lost, 2);
    await destination.forwarder.stop(0);
    const logged = destination.lines.filter((line) =>
      /retention deleted requests before/.test(line),
    );
    assert.equal(logged.length, 1);
  });

  it('requests that the log still holds are lost only when it is overwritten', async () => {
    const destination = new Destination();
    add(destination, 8);
    destination.forwarder.onSegmentDeleted('traces', [5, 6]);
    assert.equal(destination.forwarder.status().lost, 0);
    destination.fake.overtakenThrough = 6;
    destination.fake.forget([5, 6]);
    await destination.run(6);
    await destination.forwarder.stop(0);
    assert.deepEqual(destination.positions, [1, 2, 3, 4, 7, 8]);
    assert.equal(destination.forwarder.status().lost, 2);
  });

  it('requests that were in flight at the stop and are deleted since are lost', async () => {
    const destination = new Destination({ concurrency: 2 });
    add(destination, 6);
    destination.isHanging = true;
    await destination.run(2);
    await destination.forwarder.stop(0);
    const again = new Destination({}, destination.saved.at(-1));
    add(again, 6);
    again.fake.overtakenThrough = 4;
    again.fake.forget([1]);
    await again.run(5);
    await again.forwarder.stop(0);
    const { lost, delivered, lagRequests } = again.forwarder.status();
    assert.deepEqual([again.positions, lost], [[2, 3, 4, 5, 6], 1]);
    assert.deepEqual([delivered, lagRequests], [5, 0]);
  });
});

describe('Forwarder: faults', () => {
  it('a log that cannot be read: is tried again every second, and logged', async () => {
    const destination = new Destination();
    add(destination, 5);
    destination.fake.faults.push(...Array.from({ length: 3 }, () => new Error('EIO')));
    await destination.run(5);
    await destination.forwarder.stop(0);
    assert.deepEqual(destination.positions, [1, 2, 3, 4, 5]);
    assert.ok(destination.sent[0]!.ms >= 3_000, `${destination.sent[0]!.ms} ms`);
    const logged = destination.lines.filter((line) => /requests cannot be read/.test(line));
    assert.equal(logged.length, 1);
    assert.equal(destination.forwarder.status().lastError, 'EIO');
  });

  it('a request that cannot be converted, as the probe: dropped, and the next is sent', async () => {
    const destination = new Destination();
    add(destination, 12);
    destination.answers = Array(3).fill(unavailable);
    destination.unconvertible = 2;
    await destination.run(14);
    await destination.forwarder.stop(0);
    const { delivered, dropped, breaker } = destination.forwarder.status();
    assert.deepEqual([delivered, dropped, breaker], [11, 1, 'closed']);
    assert.ok(destination.lines.some((line) => /cannot be converted and is dropped/.test(line)));
  });

  it('a client that throws: the request is sent again, also if it is the probe', async () => {
    const destination = new Destination();
    add(destination, 4);
    destination.answers = [...Array(3).fill(unavailable), new Error('a defect')];
    await destination.run(8);
    await destination.forwarder.stop(0);
    assert.equal(destination.forwarder.status().delivered, 4);
  });

  it('a client that cannot be opened: requests wait and do not fail', async () => {
    const destination = new Destination({ concurrency: 2 });
    add(destination, 4);
    destination.isReady = false;
    await destination.run(0);
    for (let turns = 0; turns < 50; turns++) await turn();
    const { retried, lagRequests, breaker } = destination.forwarder.status();
    assert.deepEqual([destination.sent.length, retried, lagRequests], [0, 0, 4]);
    assert.equal(breaker, 'closed');
    destination.isReady = true;
    await destination.run(4);
    await destination.forwarder.stop(0);
    assert.equal(destination.forwarder.status().delivered, 4);
  });

  it('one request that is never accepted: others overtake it, and it is the lag', async () => {
    const breaker = { ...rules.breaker, failureCount: 1_000 };
    const destination = new Destination({ concurrency: 2, breaker });
    add(destination, 50);
    destination.poison = 3;
    await destination.run(50);
    while (destination.forwarder.status().delivered < 49) await turn();
    const { delivered, lagRequests, lagSeconds } = destination.forwarder.status();
    assert.deepEqual([delivered, lagRequests], [49, 1]);
    assert.ok(lagSeconds > 0);
    await destination.forwarder.stop(0);
    const again = new Destination({}, destination.saved.at(-1));
    add(again, 50);
    await again.run(1);
    await again.forwarder.stop(0);
    assert.deepEqual(again.positions, [3]);
  });

  it('a cursor that cannot be saved: forwarding continues', async () => {
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
