/** Tests the quantiles of the last values. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { QuantileSummary } from '../../../src/commands/generate/quantile-summary.ts';

const window = { startUnixNs: 5n, nowUnixNs: 9n };

describe('quantile-summary', () => {
  it('collect: count and sum of all values, quantiles of the last', () => {
    const summary = new QuantileSummary({ name: 'n', unit: 's', description: '' });
    for (let value = 1; value <= 1000; value++) summary.record(value, []);
    const data = summary.collect(window);
    assert.ok('summary' in data);
    const [point] = data.summary.dataPoints;
    assert.deepEqual([point?.count, point?.sum], [1000, 500_500]);
    assert.deepEqual(point?.quantileValues, [
      { quantile: 0.5, value: 751 },
      { quantile: 0.9, value: 951 },
      { quantile: 0.99, value: 996 },
    ]);
    assert.equal(summary.seriesCount, 1);
  });
});
