/** The position of a lane is seen by another thread's view of the same memory. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createLaneProgress, LaneProgress } from '../../src/buffer/lane-progress.ts';

it('lane progress: each lane has its own place, up to the largest position', () => {
  const buffer = createLaneProgress(2);
  const [first, second] = [new LaneProgress(buffer, 0), new LaneProgress(buffer, 1)];
  first.write(2 ** 48 - 1);
  second.write(7);
  first.write(2 ** 48 - 1);
  assert.equal(new LaneProgress(buffer, 0).read(), 2 ** 48 - 1);
  assert.equal(new LaneProgress(buffer, 1).read(), 7);
});
