/** Tests that the stock has exactly as many series as are wanted, and the same each time. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFleet } from '../../../src/commands/generate/fleet.ts';
import { Random } from '../../../src/commands/generate/random.ts';
import { StockMetrics, type StockRequest } from '../../../src/commands/generate/stock-metrics.ts';

const window = { startUnixNs: 5n, nowUnixNs: 9n };

function open(): StockMetrics {
  const random = new Random(1);
  return new StockMetrics(createFleet(random).inventory[0]!, random);
}

/** `name sku` of each point. */
function seriesOf(requests: readonly StockRequest[]): string[] {
  return requests
    .flatMap(({ message }) => message.resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    .flatMap((metric) => {
      const points = 'gauge' in metric ? metric.gauge.dataPoints : [];
      const all = 'sum' in metric ? metric.sum.dataPoints : points;
      return all.map(({ attributes }) => `${metric.name} ${JSON.stringify(attributes[0]?.value)}`);
    });
}

describe('stock-metrics', () => {
  for (const count of [0, 1, 2, 3, 4, 2999, 3000, 3001, 10_000]) {
    it(`collect: ${count} points are exactly as many, each of another series`, () => {
      const requests = open().collect(count, window);
      const series = seriesOf(requests);
      assert.equal(series.length, count);
      assert.equal(new Set(series).size, count);
      const counts = requests.map(({ pointCount }) => pointCount);
      assert.equal(
        counts.reduce((sum, points) => sum + points, 0),
        count,
      );
      assert.ok(counts.every((points) => points > 0 && points <= 3000));
    });
  }

  it('collect: the series stay, whatever was wanted in between', () => {
    const stock = open();
    const first = seriesOf(stock.collect(500, window));
    stock.collect(20, window);
    assert.deepEqual(seriesOf(stock.collect(500, window)), first);
  });
});
