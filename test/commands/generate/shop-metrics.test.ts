/** Tests an export of the whole shop: whose it is, how many points, and what they count. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Metric } from '../../../src/commands/generate/metric-messages.ts';
import { Random } from '../../../src/commands/generate/random.ts';
import { openShop } from '../../../src/commands/generate/shop.ts';
import { type MetricsExport, ShopMetrics } from '../../../src/commands/generate/shop-metrics.ts';
import { endUnixNs } from './traces.ts';

function open(seriesCount: number) {
  const shop = openShop(new Random(5));
  const metrics = new ShopMetrics(shop.fleet, new Random(6), seriesCount);
  for (let count = 0; count < 500; count++) {
    for (const emitted of shop.visit().emit(endUnixNs)) metrics.observe(emitted);
  }
  return { shop, metrics };
}

function metricsOf(exports: readonly MetricsExport[]): Metric[] {
  return exports
    .flatMap(({ message }) => message.resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
}

function pointsOf(metric: Metric): readonly { readonly timeUnixNano: bigint }[] {
  if ('gauge' in metric) return metric.gauge.dataPoints;
  if ('sum' in metric) return metric.sum.dataPoints;
  if ('histogram' in metric) return metric.histogram.dataPoints;
  if ('summary' in metric) return metric.summary.dataPoints;
  return metric.exponentialHistogram.dataPoints;
}

describe('shop-metrics', () => {
  it('export: each instance sends its own, with the resource of its spans', () => {
    const { shop, metrics } = open(0);
    const exports = metrics.export(endUnixNs, 1000);
    const resources = exports.map(({ message }) => message.resourceMetrics[0]?.resource);
    const instances = Object.values(shop.fleet).flat();
    assert.deepEqual(
      resources,
      instances.map(({ resource }) => resource),
    );
    const kinds = new Set(metricsOf(exports).flatMap((metric) => Object.keys(metric).slice(3)));
    assert.deepEqual([...kinds].sort(), [
      'exponentialHistogram',
      'gauge',
      'histogram',
      'sum',
      'summary',
    ]);
  });

  it('export: says how many points there are, all of this moment', () => {
    const exports = open(0).metrics.export(endUnixNs, 1000);
    for (const one of exports) {
      const points = metricsOf([one]).flatMap(pointsOf);
      assert.equal(points.length, one.pointCount);
      assert.ok(points.every(({ timeUnixNano }) => timeUnixNano === endUnixNs));
    }
  });

  it('series: as many as wanted, and never fewer than the shop has', () => {
    const count = (exports: readonly MetricsExport[]) =>
      exports.reduce((sum, { pointCount }) => sum + pointCount, 0);
    const own = count(open(0).metrics.export(endUnixNs, 1000));
    assert.ok(own > 100 && own < 500, `${own}`);
    assert.equal(count(open(10_000).metrics.export(endUnixNs, 1000)), 10_000);
    assert.equal(count(open(10).metrics.export(endUnixNs, 1000)), own);
  });

  it('export: what counts since the start keeps its start', () => {
    const { metrics } = open(0);
    const startOf = (exports: readonly MetricsExport[]) =>
      metricsOf(exports)
        .flatMap((metric) => ('sum' in metric ? metric.sum.dataPoints : []))
        .map(({ startTimeUnixNano }) => startTimeUnixNano)[0];
    const first = startOf(metrics.export(endUnixNs, 1000));
    assert.ok(first !== undefined && first < endUnixNs);
    assert.equal(startOf(metrics.export(endUnixNs + 1_000_000_000n, 2000)), first);
  });
});
