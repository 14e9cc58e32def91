/** Shows which of several batches with the same positions are dropped. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SoundBatch } from '../../../src/disk/recovery/sound-batch.ts';
import { superfluousBatches } from '../../../src/disk/recovery/superfluous-batches.ts';
import { recorderId } from '../left-archive.ts';

type Ranges = readonly (readonly [number, number])[];

function batchesOf(ranges: Ranges): SoundBatch[] {
  return ranges.map(([from, to], offset) => {
    return { offset, bytes: 8, rows: 1, recorder: recorderId, lane: 0, from, to };
  });
}

/** Returns the places of the doubled batches, if all rows with the same position are equal. */
function superfluous(...ranges: Ranges): number[] {
  const { doubled, conflicting } = superfluousBatches(batchesOf(ranges), () => true);
  assert.equal(conflicting.size, 0);
  return [...doubled].map(({ offset }) => offset);
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

  it('the same start with other rows: the longest stays, and the other is in conflict', () => {
    const batches = batchesOf([
      [4, 6],
      [4, 9],
      [4, 7],
    ]);
    const compared: number[][] = [];
    const found = superfluousBatches(batches, (longer, shorter) => {
      compared.push([longer.offset, shorter.offset]);
      return shorter.offset === 2;
    });
    assert.deepEqual(compared, [
      [1, 0],
      [1, 2],
    ]);
    assert.deepEqual([...found.doubled], [batches[2]]);
    assert.deepEqual([...found.conflicting], [batches[0]]);
  });

  it('a replayed batch around another: both stay, as neither has the rows of the other', () => {
    assert.deepEqual(superfluous([11, 15], [6, 20]), []);
  });
});
