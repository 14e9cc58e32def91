/** Tests buckets, statistics and exemplars of a histogram with given bounds. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Histogram } from '../../../src/commands/generate/histogram.ts';
import type { HistogramPoint } from '../../../src/commands/generate/metric-messages.ts';
import { measure } from './measure.ts';

const window = { startUnixNs: 5n, nowUnixNs: 9n };

function pointOf(histogram: Histogram): HistogramPoint {
  const data = histogram.collect(window);
  assert.ok('histogram' in data);
  assert.equal(data.histogram.aggregationTemporality, 2);
  return data.histogram.dataPoints[0]!;
}

describe('histogram', () => {
  it('record: a value at a bound lies below it, one beyond all in the last bucket', () => {
    const histogram = new Histogram({ name: 'n', unit: 's', description: '' }, [1, 2]);
    for (const value of [0, 1, 1.5, 2, 2.5, 100]) histogram.record(measure(value), []);
    const { count, sum, min, max, bucketCounts, explicitBounds } = pointOf(histogram);
    assert.deepEqual([count, sum, min, max], [6, 107, 0, 100]);
    assert.deepEqual(bucketCounts, [2, 2, 2]);
    assert.deepEqual(explicitBounds, [1, 2]);
  });

  it('collect: counts go on, exemplars are the last of each bucket since the last export', () => {
    const histogram = new Histogram({ name: 'n', unit: 's', description: '' }, [1, 2]);
    for (const value of [0.25, 0.5, 3]) histogram.record(measure(value), []);
    const first = pointOf(histogram);
    assert.deepEqual(
      first.exemplars.map(({ asDouble }) => asDouble),
      [0.5, 3],
    );
    histogram.record(measure(1.5), []);
    const second = pointOf(histogram);
    assert.equal(second.exemplars.length, 1);
    assert.deepEqual(second.bucketCounts, [2, 1, 1]);
    assert.deepEqual(first.bucketCounts, [2, 0, 1], 'an export does not change any more');
  });
});
