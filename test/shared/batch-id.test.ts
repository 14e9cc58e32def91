/** A batch id joins a lane and a position, and both can be read back from it. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  laneOfBatchId,
  lanePositionMax,
  positionOfBatchId,
  toBatchId,
} from '../../src/shared/batch-id.ts';

it('toBatchId: the id is lane x 2^48 + position', () => {
  assert.equal(toBatchId(0, 1), 1n);
  assert.equal(toBatchId(3, 2 ** 40), 3n * 2n ** 48n + 2n ** 40n);
  assert.equal(toBatchId(3, 7n), 3n * 2n ** 48n + 7n);
});

it('laneOfBatchId, positionOfBatchId: they return what the id was made of', () => {
  const cases = [
    [0, 1],
    [0, lanePositionMax],
    [1, 0],
    [7, 2 ** 32 + 5],
    [2 ** 15 - 1, lanePositionMax],
  ] as const;
  for (const [lane, position] of cases) {
    const id = toBatchId(lane, position);
    assert.deepEqual([laneOfBatchId(id), positionOfBatchId(id)], [lane, position]);
  }
});

it('lanePositionMax: the next id belongs to the next lane', () => {
  assert.equal(laneOfBatchId(toBatchId(0, lanePositionMax) + 1n), 1);
});
