/** Segments of one recorder and lane form one group, ordered by their positions. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { firstPosition, groupSegments } from '../../src/query/batch-order.ts';
import { foreignId } from './archive-builder.ts';
import { rangeOf, summaryOf } from './segment-summary.ts';

describe('batch order', () => {
  it('by first position, not by number; equal ones by number', () => {
    const segments = [
      summaryOf({ number: 1, ranges: [rangeOf(20n, 30n)] }),
      summaryOf({ number: 2, ranges: [rangeOf(1n, 5n)] }),
      summaryOf({ number: 3, ranges: [rangeOf(20n, 25n)] }),
      summaryOf({ number: 4, ranges: [rangeOf(2n ** 40n, 2n ** 40n)] }),
    ];
    const [group, ...others] = groupSegments(segments);
    assert.deepEqual(
      group?.map(({ number }) => number),
      [2, 1, 3, 4],
    );
    assert.equal(others.length, 0);
  });

  it('recorders and lanes apart; what says none, or two, alone', () => {
    const segments = [
      summaryOf({ number: 1 }),
      summaryOf({ number: 2, ranges: [rangeOf(1n, 2n, foreignId)] }),
      summaryOf({ number: 3, ranges: [rangeOf(1n, 2n, foreignId, 1)] }),
      summaryOf({ number: 4, ranges: null }),
      summaryOf({ number: 5, ranges: [rangeOf(1n, 2n), rangeOf(1n, 2n, foreignId)] }),
      summaryOf({ number: 6 }),
    ];
    assert.deepEqual(
      groupSegments(segments).map((group) => group.map(({ number }) => number)),
      [[1, 6], [2], [3], [4], [5]],
    );
  });

  it('first position: 0 where it is not known', () => {
    assert.equal(firstPosition(summaryOf({ ranges: [rangeOf(7n, 9n)] })), 7n);
    assert.equal(firstPosition(summaryOf({ ranges: null })), 0n);
    assert.equal(firstPosition(summaryOf({ ranges: [] })), 0n);
  });
});
