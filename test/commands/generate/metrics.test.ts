/** Tests the metrics: all types, and as many time series as the settings say. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { itemsOf, type Message, readTraffic } from './open-traffic.ts';

const types = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const;

function typeOf(metric: Message): (typeof types)[number] {
  return types.find((type) => metric[type] !== undefined)!;
}

function pointsOf(metric: Message): Message[] {
  return metric[typeOf(metric)].dataPoints;
}

const metrics = itemsOf(readTraffic({ seed: 3, spansTotal: 5000 }), 'metrics');

describe('metrics', () => {
  it('have all types', () => {
    assert.deepEqual(new Set(metrics.map(typeOf)), new Set(types));
  });

  it('histograms: the counts of the buckets add up to the count', () => {
    for (const metric of metrics.filter(({ histogram }) => histogram !== undefined)) {
      for (const { count, bucketCounts, explicitBounds } of pointsOf(metric)) {
        assert.equal(bucketCounts.length, explicitBounds.length + 1);
        assert.equal(
          bucketCounts.reduce((sum: number, part: number) => sum + part),
          count,
        );
      }
    }
  });

  it('exponential histograms: the buckets hold the values', () => {
    for (const metric of metrics.filter((one) => typeOf(one) === 'exponentialHistogram')) {
      for (const { count, sum, scale, positive } of pointsOf(metric)) {
        const { offset, bucketCounts } = positive as { offset: number; bucketCounts: number[] };
        const bound = (index: number) => 2 ** ((offset + index) / 2 ** scale);
        const low = bucketCounts.reduce((total, part, index) => total + part * bound(index), 0);
        const high = bucketCounts.reduce((total, part, at) => total + part * bound(at + 1), 0);
        assert.ok(sum > low && sum <= high, `${sum} of ${count} values: ${low} to ${high}`);
      }
    }
  });

  it('sums that only grow never fall', () => {
    const last = new Map<string, number>();
    const orders = metrics.filter(({ name }) => name === 'shop.orders');
    for (const { attributes, asInt } of orders.flatMap(pointsOf)) {
      // Each instance of the checkout service counts for itself, so the smaller one may follow.
      const key = JSON.stringify(attributes);
      last.set(key, Math.max(last.get(key) ?? 0, asInt));
    }
    assert.ok([...last.values()].reduce((sum, count) => sum + count) > 10);
  });

  for (const series of [1000, 3001, 7000]) {
    it(`series: ${series} in each export, each of them once`, () => {
      const requests = readTraffic({ series, spansTotal: 300, metricInterval: 1e9 });
      const points = itemsOf(requests, 'metrics').flatMap(pointsOf);
      assert.equal(points.length, series);
      const exports = requests.filter(({ signal }) => signal === 'metrics');
      assert.equal(
        exports.reduce((sum, { itemCount }) => sum + itemCount, 0),
        series,
      );
      assert.ok(exports.every(({ itemCount }) => itemCount <= 3000));
    });
  }
});
