/** Long work lets the event loop turn, and the garbage of a compressor is freed in such a turn. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CompressorGarbage, finishInTurns } from '../../src/lane/event-loop-turns.ts';
import { ManualClock } from '../../src/shared/clock.ts';

/** Counts the turns of the event loop while something runs. */
async function turnsDuring(run: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await run();
  isOver = true;
  return turns;
}

describe('finishInTurns', () => {
  function* steps(clock: ManualClock, count: number, msEach: number) {
    for (let step = 0; step < count; step++) {
      clock.advance(msEach);
      yield;
    }
    return 'done';
  }

  it('short work: is finished without a turn of the event loop', async () => {
    const clock = new ManualClock(0);
    const turns = await turnsDuring(async () => {
      assert.equal(await finishInTurns(steps(clock, 10, 1), clock), 'done');
    });
    assert.equal(turns, 0);
  });

  it('long work: the event loop turns every 20 ms', async () => {
    const clock = new ManualClock(0);
    const turns = await turnsDuring(async () => {
      assert.equal(await finishInTurns(steps(clock, 100, 1), clock), 'done');
    });
    assert.equal(turns, 5);
  });

  it('a step that throws: the promise rejects with its error', async () => {
    const failing = (function* (): Generator<void, void, undefined> {
      yield;
      throw new Error('the disk is full');
    })();
    await assert.rejects(finishInTurns(failing, new ManualClock(0)), /the disk is full/);
  });
});

it('CompressorGarbage: the event loop turns once after something was compressed', async () => {
  const garbage = new CompressorGarbage();
  assert.equal(await turnsDuring(() => garbage.free()), 0);
  garbage.add();
  garbage.add();
  assert.equal(await turnsDuring(() => garbage.free()), 1);
  assert.equal(await turnsDuring(() => garbage.free()), 0);
});
