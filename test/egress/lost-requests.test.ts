/** What retention takes before it was sent: counted once, and only when it is really gone. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LostRequests } from '../../src/egress/lost-requests.ts';

function newCount(sentThrough = 0, log: readonly number[] = [10]) {
  const counts: number[] = [];
  const lost = new LostRequests({
    isWanted: (_signal, position) => position > sentThrough,
    oldestPosition: () => log[0],
    onLost: (count) => counts.push(count),
  });
  return { lost, counts };
}

describe('LostRequests', () => {
  it('not sent and not in the log: lost at once', () => {
    const { lost, counts } = newCount(3);
    lost.leaving('traces', [1, 2, 3, 4, 5, 9]);
    assert.deepEqual(counts, [3]);
  });

  it('all sent: nothing', () => {
    const { lost, counts } = newCount(20);
    lost.leaving('traces', [1, 2, 15]);
    lost.overtaken('traces', 100);
    assert.deepEqual(counts, []);
  });

  it('still in the log: lost when that is overtaken, by its own signal and up to there', () => {
    const { lost, counts } = newCount();
    lost.leaving('traces', [11, 12, 20]);
    lost.leaving('logs', [13]);
    assert.deepEqual(counts, []);
    lost.overtaken('traces', 12);
    assert.deepEqual(counts, [2]);
    lost.overtaken('traces', 30);
    lost.overtaken('traces', 30);
    lost.overtaken('logs', 30);
    assert.deepEqual(counts, [2, 1, 1]);
  });

  it('a log that holds nothing: all is lost', () => {
    const { lost, counts } = newCount(0, []);
    lost.leaving('metrics', [50, 60]);
    assert.deepEqual(counts, [2]);
  });
});
