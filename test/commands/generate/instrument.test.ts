/** Tests sums and gauges: what an export says of them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Gauge, Sum } from '../../../src/commands/generate/instrument.ts';
import { toKeyValues } from '../../../src/commands/generate/telemetry.ts';

const name = { name: 'n', unit: '1', description: '' };
const window = { startUnixNs: 5n, nowUnixNs: 9n };
const attributes = toKeyValues({ a: 'b' });

describe('instrument', () => {
  it('sum: grows over all exports, with its start', () => {
    const sum = new Sum(name, 'int', true);
    sum.add(2, attributes);
    sum.collect(window);
    sum.add(3, attributes);
    sum.add(7, []);
    const times = { startTimeUnixNano: 5n, timeUnixNano: 9n };
    assert.deepEqual(sum.collect(window), {
      sum: {
        dataPoints: [
          { attributes, ...times, asInt: 5 },
          { attributes: [], ...times, asInt: 7 },
        ],
        aggregationTemporality: 2,
        isMonotonic: true,
      },
    });
    assert.equal(sum.seriesCount, 2);
  });

  it('gauge: the last value, without a start', () => {
    const gauge = new Gauge(name, 'double');
    assert.equal(gauge.seriesCount, 0);
    gauge.set(0.5, attributes);
    gauge.set(0.25, attributes);
    assert.deepEqual(gauge.collect(window), {
      gauge: { dataPoints: [{ attributes, timeUnixNano: 9n, asDouble: 0.25 }] },
    });
  });
});
