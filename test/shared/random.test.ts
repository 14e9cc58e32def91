/** Tests the seeded random numbers: repeatable, within bounds, distributed as promised. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../src/shared/random.ts';

function draw<Value>(count: number, next: () => Value): Value[] {
  return Array.from({ length: count }, next);
}

describe('random', () => {
  it('uint32: the same seed gives the same numbers, another seed others', () => {
    const first = new Random(7);
    const again = new Random(7);
    const other = new Random(8);
    const numbers = draw(100, () => first.uint32());
    assert.deepEqual(
      draw(100, () => again.uint32()),
      numbers,
    );
    assert.notDeepEqual(
      draw(100, () => other.uint32()),
      numbers,
    );
  });

  it('uint32: every bit is set half of the time', () => {
    const random = new Random(0);
    const counts = new Array<number>(32).fill(0);
    for (const number of draw(20_000, () => random.uint32())) {
      for (let bit = 0; bit < 32; bit++) counts[bit] = (counts[bit] ?? 0) + ((number >>> bit) & 1);
    }
    for (const count of counts) assert.ok(Math.abs(count - 10_000) < 500, `${count}`);
  });

  it('between: both bounds occur and nothing beyond them', () => {
    const random = new Random(1);
    const numbers = new Set(draw(1000, () => random.between(3, 6)));
    assert.deepEqual(
      [...numbers].sort((a, b) => a - b),
      [3, 4, 5, 6],
    );
  });

  it('chance: happens as often as its probability says', () => {
    const random = new Random(2);
    const hits = draw(10_000, () => random.chance(0.2)).filter((hit) => hit).length;
    assert.ok(hits > 1800 && hits < 2200, `${hits}`);
  });

  it('logNormal: half of the values lie below the median, and some far above', () => {
    const random = new Random(3);
    const values = draw(10_001, () => random.logNormal(10, 0.5)).sort((a, b) => a - b);
    const median = values[5000] ?? 0;
    const p99 = values[9900] ?? 0;
    assert.ok(median > 9.5 && median < 10.5, `${median}`);
    assert.ok(p99 > 28 && p99 < 37, `${p99}`);
  });

  it('bytes and hex: have the length asked for', () => {
    const random = new Random(5);
    assert.equal(random.bytes(7).length, 7);
    assert.match(random.hex(3), /^[\da-f]{6}$/);
  });

  it('pick: refuses an empty list', () => {
    assert.throws(() => new Random(6).pick([]), /nothing to pick/);
  });
});
