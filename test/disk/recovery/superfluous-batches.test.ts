/** Shows which of several batches with the same positions are left out. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { superfluousBatches } from '../../../src/disk/recovery/superfluous-batches.ts';
import { recorderId } from '../left-archive.ts';

/** The places of those that are left out. */
function superfluous(...ranges: readonly (readonly [number, number])[]): number[] {
  const batches = ranges.map(([from, to], offset) => {
    return { offset, bytes: 8, rows: 1, recorder: recorderId, lane: 0, from, to };
  });
  return [...superfluousBatches(batches)].map(({ offset }) => offset);
}

describe('superfluousBatches', () => {
  it('batches that follow one another: all stay', () => {
    assert.deepEqual(superfluous([1, 3], [4, 4], [5, 9]), []);
  });

  it('the same range again: the first stays', () => {
    assert.deepEqual(superfluous([1, 3], [4, 6], [4, 6], [4, 6]), [2, 3]);
  });

  it('the same start: the longest stays, wherever it is', () => {
    assert.deepEqual(superfluous([4, 6], [4, 9], [4, 7]), [0, 2]);
  });

  it('a replayed batch around another: both stay, as neither has the rows of the other', () => {
    assert.deepEqual(superfluous([11, 15], [6, 20]), []);
  });
});
