/** The positions of a lane are visible through another thread's view of the same memory. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createLaneProgress, LaneProgress } from '../../src/ring/lane-progress.ts';

it('lane progress: each lane has its own places, up to the largest position', () => {
  const buffer = createLaneProgress(2);
  const [first, second] = [new LaneProgress(buffer, 0), new LaneProgress(buffer, 1)];
  const largest = 2 ** 48 - 1;
  first.write(largest, largest - 1);
  second.write(7, 3);
  first.write(largest, largest);
  first.write(largest, largest);
  const found = [0, 1].map((lane) => new LaneProgress(buffer, lane).read());
  assert.deepEqual(found, [
    { next: largest, archivedBelow: largest },
    { next: 7, archivedBelow: 3 },
  ]);
});
