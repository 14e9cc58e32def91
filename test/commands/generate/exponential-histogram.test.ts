/** Tests that a value lies between the bounds of the bucket that counts it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ExponentialHistogram } from '../../../src/commands/generate/exponential-histogram.ts';
import type { ExponentialHistogramPoint } from '../../../src/commands/generate/metric-messages.ts';
import { measure } from './measure.ts';

function pointOf(...values: number[]): ExponentialHistogramPoint {
  const histogram = new ExponentialHistogram({ name: 'n', unit: 's', description: '' });
  for (const value of values) histogram.record(measure(value), []);
  assert.equal(histogram.seriesCount, 1);
  const data = histogram.collect({ startUnixNs: 5n, nowUnixNs: 9n });
  assert.ok('exponentialHistogram' in data);
  return data.exponentialHistogram.dataPoints[0]!;
}

describe('exponential-histogram', () => {
  it('record: each value lies above its bucket, up to the next one', () => {
    for (const value of [1e-6, 0.0003, 0.5, 0.75, 1, 1.0001, 2, 7.3, 1000]) {
      const { scale, positive } = pointOf(value);
      assert.deepEqual(positive.bucketCounts, [1]);
      const base = 2 ** (2 ** -scale);
      assert.ok(base ** positive.offset < value * (1 + 1e-12), `${value}`);
      assert.ok(value <= base ** (positive.offset + 1) * (1 + 1e-12), `${value}`);
    }
  });

  it('collect: buckets without holes, zeros apart, all of them counted', () => {
    const { count, zeroCount, positive, min, max, exemplars } = pointOf(0, 0.5, 1, 1, 4);
    assert.deepEqual([count, zeroCount, min, max], [5, 1, 0, 4]);
    assert.equal(
      positive.bucketCounts.reduce((sum, bucket) => sum + bucket),
      4,
    );
    assert.equal(positive.bucketCounts.length, 25, 'three doublings of eight buckets');
    assert.equal(exemplars.length, 1);
  });

  it('collect: zeros alone have no bucket', () => {
    assert.deepEqual(pointOf(0, 0).positive, { offset: 0, bucketCounts: [] });
  });
});
