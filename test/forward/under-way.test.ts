/** Never more than so many at a time, and no trace of those that have ended. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { UnderWay } from '../../src/forward/under-way.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function pending(): { promise: Promise<void>; end: () => void } {
  let end: () => void = () => {};
  const promise = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { promise, end };
}

describe('UnderWay', () => {
  it('room: as soon as one has ended', async () => {
    const underWay = new UnderWay(2);
    const [first, second] = [pending(), pending()];
    underWay.add(first.promise, { receivedTimeNs: 7n, bytes: 10 });
    await underWay.room();
    underWay.add(second.promise, { receivedTimeNs: 5n, bytes: 30 });
    assert.deepEqual([underWay.bytes, underWay.oldestReceivedTimeNs], [40, 5n]);
    let hasRoom = false;
    const asked = underWay.room().then(() => {
      hasRoom = true;
    });
    await turn();
    assert.equal(hasRoom, false);
    second.end();
    await asked;
    assert.deepEqual([underWay.bytes, underWay.oldestReceivedTimeNs], [10, 7n]);
    first.end();
    await underWay.ended();
    assert.deepEqual([underWay.bytes, underWay.oldestReceivedTimeNs], [0, undefined]);
  });

  it('one that does not end for long: costs no memory while thousands pass it', async () => {
    const underWay = new UnderWay(2);
    const stuck = pending();
    underWay.add(stuck.promise, { receivedTimeNs: 1n, bytes: 1 });
    const pass = async (count: number) => {
      for (let index = 0; index < count; index++) {
        const next = pending();
        underWay.add(next.promise, { receivedTimeNs: 2n, bytes: 1 });
        setImmediate(next.end);
        await underWay.room();
      }
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = await pass(1_000);
    const after = await pass(20_000);
    const bytesEach = (after - before) / 20_000;
    assert.ok(bytesEach < 50, `${bytesEach} bytes stay of each that has passed`);
    stuck.end();
    await underWay.ended();
  });
});
