/** Tests what the spans of a visit leave in the instruments of their instances. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Metric } from '../../../src/commands/generate/metric-messages.ts';
import { Random } from '../../../src/commands/generate/random.ts';
import { openShop } from '../../../src/commands/generate/shop.ts';
import { SpanMetrics } from '../../../src/commands/generate/span-metrics.ts';
import { spanKind } from '../../../src/commands/generate/telemetry.ts';
import { endUnixNs, hex } from './traces.ts';

const shop = openShop(new Random(3));
const spans = Array.from({ length: 2000 }, () => shop.visit().emit(endUnixNs)).flat();

function metricsOf(service: 'storefront' | 'checkout' | 'email' | 'catalogue' | 'shipping') {
  const instance = shop.fleet[service][0]!;
  const own = spans.filter((emitted) => emitted.instance === instance);
  const metrics = new SpanMetrics(instance);
  for (const emitted of own) metrics.observe(emitted);
  const window = { startUnixNs: 0n, nowUnixNs: endUnixNs };
  const collected = metrics.instruments
    .filter(({ instrument }) => instrument.seriesCount > 0)
    .map(({ instrument }): Metric => ({ ...instrument.name, ...instrument.collect(window) }));
  return { own, collected };
}

function named(metrics: readonly Metric[], name: string): Metric {
  const found = metrics.find((metric) => metric.name === name);
  assert.ok(found, `${name} among ${metrics.map((metric) => metric.name)}`);
  return found;
}

function sumOf(points: readonly { readonly count: number }[]): number {
  return points.reduce((sum, { count }) => sum + count, 0);
}

describe('span-metrics', () => {
  it('HTTP servers: each request is counted, examples are spans with such durations', () => {
    const { own, collected } = metricsOf('storefront');
    const metric = named(collected, 'http.server.request.duration');
    assert.ok('histogram' in metric);
    const served = own.filter(({ span }) => span.kind === spanKind.server);
    assert.equal(sumOf(metric.histogram.dataPoints), served.length);
    const byId = new Map(served.map(({ span }) => [hex(span.spanId), span]));
    const exemplars = metric.histogram.dataPoints.flatMap((point) => point.exemplars);
    assert.ok(exemplars.length > 10);
    for (const { spanId, traceId, asDouble, filteredAttributes } of exemplars) {
      const span = byId.get(hex(spanId))!;
      assert.equal(hex(span.traceId), hex(traceId));
      assert.equal(Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1e9, asDouble);
      assert.equal(filteredAttributes[0]?.key, 'url.path');
    }
    const keys = metric.histogram.dataPoints.map(({ attributes }) => attributes.map((a) => a.key));
    assert.ok(keys.every((names) => names.includes('http.route') && !names.includes('url.path')));
  });

  it('stores: an exponential histogram counts each operation', () => {
    const { own, collected } = metricsOf('catalogue');
    const { sql, cache } = shop.fleet.catalogue[0]!.scopes;
    const asked = own.filter(({ scope }) => scope === sql || scope === cache);
    const points = collected.flatMap((metric) => {
      return 'exponentialHistogram' in metric ? metric.exponentialHistogram.dataPoints : [];
    });
    assert.equal(sumOf(points), asked.length);
  });

  it('orders: placed ones are counted, and their totals by currency', () => {
    const { own, collected } = metricsOf('checkout');
    const orders = named(collected, 'shop.orders');
    assert.ok('sum' in orders && orders.sum.isMonotonic);
    const counted = orders.sum.dataPoints.reduce((sum, point) => {
      return sum + ('asInt' in point ? point.asInt : 0);
    }, 0);
    const calls = own.filter(({ span }) => span.name.endsWith('/PlaceOrder'));
    assert.ok(counted > 0 && counted < calls.length, `${counted} of ${calls.length}`);
    const revenue = named(collected, 'shop.revenue');
    assert.ok('sum' in revenue && revenue.sum.dataPoints.length > 1);
    const sent = named(collected, 'messaging.client.sent.messages');
    assert.ok('sum' in sent && sent.sum.dataPoints.length === 1);
  });

  it('email: the legacy service has a summary, and no other has', () => {
    const summary = named(metricsOf('email').collected, 'letter_render_seconds');
    assert.ok('summary' in summary && sumOf(summary.summary.dataPoints) > 0);
    assert.ok(!metricsOf('shipping').collected.some((metric) => 'summary' in metric));
  });
});
