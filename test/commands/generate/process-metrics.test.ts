/** Tests what a process says of itself: within bounds, and only consumers have a queue. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFleet } from '../../../src/commands/generate/fleet.ts';
import type { NumberPoint } from '../../../src/commands/generate/metric-messages.ts';
import { ProcessMetrics } from '../../../src/commands/generate/process-metrics.ts';
import { Random } from '../../../src/commands/generate/random.ts';

const fleet = createFleet(new Random(1));
const window = { startUnixNs: 5n, nowUnixNs: 9n };

/** By name, the points of all instruments that have any. */
function collect(metrics: ProcessMetrics): Map<string, readonly NumberPoint[]> {
  const points = metrics.instruments.map(({ name, collect }, index) => {
    const data = collect.call(metrics.instruments[index]!, window);
    if ('gauge' in data) return [name.name, data.gauge.dataPoints] as const;
    return [name.name, 'sum' in data ? (data.sum.dataPoints as NumberPoint[]) : []] as const;
  });
  return new Map(points.filter(([, list]) => list.length > 0));
}

function only(points: readonly NumberPoint[] | undefined): number {
  const [point] = points ?? [];
  assert.ok(point !== undefined);
  return 'asInt' in point ? point.asInt : point.asDouble;
}

describe('process-metrics', () => {
  it('observe: all values stay within their bounds, CPU time only grows', () => {
    const metrics = new ProcessMetrics(fleet.shipping[0]!, new Random(2));
    let cpuTime = 0;
    for (let count = 0; count < 200; count++) {
      metrics.observe(10);
      const points = collect(metrics);
      const utilization = only(points.get('process.cpu.utilization'));
      assert.ok(utilization > 0 && utilization <= 1);
      assert.ok(only(points.get('process.cpu.time')) > cpuTime);
      cpuTime = only(points.get('process.cpu.time'));
      const memory = only(points.get('process.memory.usage'));
      assert.ok(memory >= 2 ** 26 && memory <= 2 ** 29);
      const active = only(points.get('http.server.active_requests'));
      assert.ok(active >= 0 && active <= 40);
      const queue = only(points.get('shop.queue.length'));
      assert.ok(queue >= 0 && queue <= 200);
    }
  });

  it('observe: a service without a queue says nothing of one', () => {
    const metrics = new ProcessMetrics(fleet.storefront[0]!, new Random(2));
    metrics.observe(10);
    assert.deepEqual(
      [...collect(metrics).keys()],
      [
        'process.cpu.utilization',
        'process.cpu.time',
        'process.memory.usage',
        'http.server.active_requests',
      ],
    );
  });
});
