/** Tests that each set of attributes has a state of its own. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeriesSet } from '../../../src/commands/generate/series-set.ts';
import { toKeyValues } from '../../../src/commands/generate/telemetry.ts';

describe('series-set', () => {
  it('stateOf: the same attributes give the same state, others one of their own', () => {
    const series = new SeriesSet(() => ({ value: 0 }));
    series.stateOf(toKeyValues({ a: 1 })).value += 2;
    series.stateOf(toKeyValues({ a: '1' })).value += 5;
    series.stateOf(toKeyValues({ a: 1 })).value += 3;
    assert.equal(series.count, 2);
    const points = series.map((attributes, { value }) => [attributes[0]?.value, value]);
    assert.deepEqual(points, [
      [{ intValue: 1 }, 5],
      [{ stringValue: '1' }, 5],
    ]);
  });
});
