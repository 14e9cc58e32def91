/** When a cursor is saved, and what happens if the disk fails. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CursorSaver } from '../../src/forward/cursor-saver.ts';
import { ManualClock } from '../../src/shared/clock.ts';

function open() {
  const world = {
    text: 'a',
    saved: [] as string[],
    exists: true,
    fault: '',
    faults: [] as string[],
  };
  const clock = new ManualClock(0);
  const saver = new CursorSaver({
    cursor: { toText: () => world.text },
    file: {
      save: (text) => {
        if (world.fault !== '') throw new Error(world.fault);
        world.saved.push(text);
      },
      exists: () => world.exists,
    },
    clock,
    onFault: (reason) => world.faults.push(reason),
  });
  return { world, clock, saver };
}

describe('CursorSaver', () => {
  it('changes: are saved at most once a second', () => {
    const { world, clock, saver } = open();
    for (let count = 0; count < 40; count++) {
      world.text = String(count);
      saver.saveIfDue();
      clock.advance(100);
    }
    assert.deepEqual(world.saved, ['0', '10', '20', '30']);
  });

  it('no change: is not saved, unless the file was deleted', () => {
    const { world, clock, saver } = open();
    saver.save();
    clock.advance(1_000);
    saver.saveIfDue();
    assert.deepEqual(world.saved, ['a']);
    world.exists = false;
    clock.advance(1_000);
    saver.saveIfDue();
    assert.deepEqual(world.saved, ['a', 'a']);
  });

  it('a disk that fails: is reported, and tried again a second later', () => {
    const { world, clock, saver } = open();
    world.fault = 'ENOSPC';
    saver.save();
    saver.saveIfDue();
    assert.deepEqual([world.saved, world.faults], [[], ['ENOSPC']]);
    world.fault = '';
    clock.advance(1_000);
    saver.saveIfDue();
    assert.deepEqual(world.saved, ['a']);
  });
});
