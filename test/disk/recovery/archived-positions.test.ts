/** Shows which positions count as archived, and from which position on the log is needed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ArchivedPositions,
  type PositionRange,
} from '../../../src/disk/recovery/archived-positions.ts';
import type { Signal } from '../../../src/shared/signal.ts';
import { seededRandom } from '../../random.ts';
import { range } from '../left-archive.ts';

const nothing = { traces: 0, metrics: 0, logs: 0 };

describe('ArchivedPositions', () => {
  it('nothing known: nothing is archived, and all is needed', () => {
    const positions = new ArchivedPositions(nothing, new Map());
    assert.equal(positions.has('traces', 1), false);
    assert.deepEqual([positions.last, positions.neededFrom], [0, 1]);
    assert.deepEqual(positions.missing({ from: 1, to: 3 }), [{ from: 1, to: 3 }]);
  });

  it('ranges in any order, touching and overlapping: count as one', () => {
    const traces = [
      { from: 8, to: 9 },
      { from: 1, to: 4 },
      { from: 3, to: 5 },
      { from: 6, to: 6 },
    ];
    const positions = new ArchivedPositions(nothing, new Map([['traces', traces]]));
    const held = range(0, 11).filter((position) => positions.has('traces', position));
    assert.deepEqual(held, [0, 1, 2, 3, 4, 5, 6, 8, 9]);
    assert.equal(positions.last, 9);
  });

  it('needed: from the first gap of the signal that has the lowest', () => {
    const all = { traces: 10, metrics: 20, logs: 30 };
    const at = (traces: readonly PositionRange[]) =>
      new ArchivedPositions(all, new Map([['traces', traces]])).neededFrom;
    assert.equal(at([]), 11);
    assert.equal(at([{ from: 5, to: 15 }]), 16);
    assert.equal(at([{ from: 11, to: 25 }]), 21);
    assert.equal(at([{ from: 12, to: 25 }]), 11);
  });

  it('missing: what lies in no range of any signal', () => {
    const ranges = new Map<Signal, PositionRange[]>([
      ['traces', [{ from: 11, to: 12 }]],
      ['logs', [{ from: 15, to: 20 }]],
    ]);
    const positions = new ArchivedPositions({ traces: 5, metrics: 8, logs: 0 }, ranges);
    const missing = [
      { from: 9, to: 10 },
      { from: 13, to: 14 },
      { from: 21, to: 22 },
    ];
    assert.deepEqual(positions.missing({ from: 2, to: 22 }), missing);
    assert.deepEqual(positions.missing({ from: 16, to: 18 }), []);
  });

  it('random ranges: say of each position what a plain list says', () => {
    const random = seededRandom();
    for (let round = 0; round < 300; round++) {
      const through = random.below(10);
      const ranges = Array.from({ length: random.below(8) }, () => {
        const from = 1 + random.below(50);
        return { from, to: from + random.below(6) };
      });
      const archived = new Set(range(1, through));
      for (const { from, to } of ranges) for (const at of range(from, to)) archived.add(at);
      const known = new Map<Signal, PositionRange[]>([['logs', ranges]]);
      const positions = new ArchivedPositions({ ...nothing, logs: through }, known);
      for (const at of range(1, 60)) assert.equal(positions.has('logs', at), archived.has(at));
      const missing = positions.missing({ from: 1, to: 60 });
      const expected = range(1, 60).filter((at) => !archived.has(at));
      assert.deepEqual(
        missing.flatMap(({ from, to }) => range(from, to)),
        expected,
      );
    }
  });
});
