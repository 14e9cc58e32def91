/** The number of requests in flight is bounded, and ended ones leave no memory behind. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { InFlight } from '../../src/forward/in-flight.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function pending(): { promise: Promise<void>; end: () => void } {
  let end: () => void = () => {};
  const promise = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { promise, end };
}

describe('InFlight', () => {
  it('waitForRoom: resolves when a delivery has ended', async () => {
    const inFlight = new InFlight(2);
    const [first, second] = [pending(), pending()];
    inFlight.add(first.promise, { receivedTimeNs: 7n, bytes: 10 });
    await inFlight.waitForRoom();
    inFlight.add(second.promise, { receivedTimeNs: 5n, bytes: 30 });
    assert.deepEqual([inFlight.bytes, inFlight.oldestReceivedTimeNs], [40, 5n]);
    let hasRoom = false;
    const asked = inFlight.waitForRoom().then(() => {
      hasRoom = true;
    });
    await turn();
    assert.equal(hasRoom, false);
    second.end();
    await asked;
    assert.deepEqual([inFlight.bytes, inFlight.oldestReceivedTimeNs], [10, 7n]);
    first.end();
    await inFlight.waitForEnd();
    assert.deepEqual([inFlight.bytes, inFlight.oldestReceivedTimeNs], [0, undefined]);
  });

  it('a delivery that lasts long: costs no memory while thousands of others end', async () => {
    const inFlight = new InFlight(2);
    const stuck = pending();
    inFlight.add(stuck.promise, { receivedTimeNs: 1n, bytes: 1 });
    const pass = async (count: number) => {
      for (let index = 0; index < count; index++) {
        const next = pending();
        inFlight.add(next.promise, { receivedTimeNs: 2n, bytes: 1 });
        setImmediate(next.end);
        await inFlight.waitForRoom();
      }
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = await pass(1_000);
    const after = await pass(20_000);
    const bytesEach = (after - before) / 20_000;
    assert.ok(bytesEach < 50, `${bytesEach} bytes are kept for each ended delivery`);
    stuck.end();
    await inFlight.waitForEnd();
  });
});
