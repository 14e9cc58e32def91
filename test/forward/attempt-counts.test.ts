/** Failed attempts are counted by place, in bounded memory. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AttemptCounts } from '../../src/forward/attempt-counts.ts';

describe('AttemptCounts', () => {
  it('add: counts the attempts at each place', () => {
    const counts = new AttemptCounts();
    assert.deepEqual(
      ['a', 'b', 'a', 'a'].map((place) => counts.add(place)),
      [1, 1, 2, 3],
    );
  });

  it('add: more places than it holds: forgets the one that failed first', () => {
    const counts = new AttemptCounts();
    counts.add('often');
    for (let place = 0; place < 5_000; place++) {
      counts.add(String(place));
      if (place % 500 === 0) counts.add('often');
    }
    assert.equal(counts.placeCount, 1_000);
    assert.ok(counts.add('often') > 10);
    assert.equal(counts.add('0'), 1);
  });
});
