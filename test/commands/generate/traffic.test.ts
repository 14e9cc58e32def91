/** Tests the requests of the shop: exact counts, whole traces, signals that belong together. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Traffic } from '../../../src/commands/generate/traffic.ts';
import {
  hex,
  itemsOf,
  type Message,
  readTraffic,
  settingsWith,
  startUnixNs,
} from './open-traffic.ts';

const traces = { signals: ['traces'] as const };

function asText(requests: unknown, movedNs = 0n): string {
  return JSON.stringify(requests, (key, value: unknown) => {
    if (value instanceof Uint8Array) return hex(value);
    return key.endsWith('UnixNano') ? String(BigInt(value as string) - movedNs) : value;
  });
}

/** Asserts unique ids, parents that exist, and links that lead to earlier spans. */
function assertTrees(spans: readonly Message[]): void {
  const byId = new Map(spans.map((span) => [hex(span.spanId), span]));
  assert.equal(byId.size, spans.length, 'span ids are unique');
  for (const span of spans) {
    assert.ok(span.startTimeUnixNano < span.endTimeUnixNano, span.name);
    for (const { spanId, traceId } of span.links) {
      const source = byId.get(hex(spanId));
      assert.equal(hex(source.traceId), hex(traceId));
      assert.ok(source.endTimeUnixNano <= span.startTimeUnixNano, span.name);
    }
    if (span.parentSpanId.length === 0) continue;
    const parent = byId.get(hex(span.parentSpanId));
    assert.ok(parent !== undefined, `the parent of ${span.name} is there`);
    assert.equal(hex(parent.traceId), hex(span.traceId));
    assert.ok(parent.startTimeUnixNano <= span.startTimeUnixNano, span.name);
  }
}

describe('traffic', () => {
  for (const spansTotal of [1, 7, 199, 200, 201, 1234, 5000]) {
    it(`next: makes exactly ${spansTotal} spans, and fills all requests but the last`, () => {
      const requests = readTraffic({ ...traces, spansTotal, spansPerRequest: 200 });
      const counts = requests.map(({ itemCount }) => itemCount);
      assert.deepEqual(
        counts,
        requests.map((request) => itemsOf([request], 'traces').length),
      );
      assert.equal(
        counts.reduce((sum, count) => sum + count),
        spansTotal,
      );
      assert.ok(
        counts.slice(0, -1).every((count) => count === 200),
        `${counts}`,
      );
    });
  }

  it('next: cuts no trace off, whatever the total is', () => {
    for (let total = 50; total < 90; total++) {
      const settings = { ...traces, seed: total, spansPerRequest: 20, spansTotal: total };
      assertTrees(itemsOf(readTraffic(settings), 'traces'));
    }
  });

  it('next: groups the items of a request by instance', () => {
    for (const { message } of readTraffic(traces)) {
      const resources = (message as Message).resourceSpans;
      assert.equal(
        new Set(resources.map(({ resource }: Message) => resource)).size,
        resources.length,
      );
    }
  });

  it('next: the same seed gives the same telemetry, moved in time', () => {
    const laterNs = 3_600_000_000_000n;
    const first = asText(readTraffic({ seed: 4 }));
    assert.equal(asText(readTraffic({ seed: 4 }, startUnixNs + laterNs), laterNs), first);
    assert.notEqual(asText(readTraffic({ seed: 5 })), first);
  });

  it('next: no span ends in the future', () => {
    const traffic = new Traffic(settingsWith({ spansTotal: 3000 }));
    for (;;) {
      const step = traffic.next(startUnixNs, 0);
      if (step === undefined) break;
      for (const span of itemsOf(step.requests, 'traces')) {
        assert.ok(BigInt(span.endTimeUnixNano) <= startUnixNs);
      }
    }
  });

  it('close: still sends the spans of visits that have begun', () => {
    const traffic = new Traffic(
      settingsWith({ ...traces, spansPerRequest: 50, spansTotal: Number.POSITIVE_INFINITY }),
    );
    const requests = [...traffic.next(startUnixNs, 0)!.requests];
    traffic.close();
    for (;;) {
      const step = traffic.next(startUnixNs, 0);
      if (step === undefined) break;
      requests.push(...step.requests);
    }
    assertTrees(itemsOf(requests, 'traces'));
  });

  it('signals: the spans are the same whichever signals are sent', () => {
    const beside = readTraffic({ seed: 8 });
    const alone = readTraffic({ ...traces, seed: 8 });
    assert.deepEqual(itemsOf(beside, 'traces'), itemsOf(alone, 'traces'));
    const without = readTraffic({ seed: 8, signals: ['metrics', 'logs'] });
    assert.equal(itemsOf(without, 'traces').length, 0);
    assert.deepEqual(itemsOf(without, 'logs'), itemsOf(beside, 'logs'));
  });

  it('logs and exemplars: name spans that are sent', () => {
    const requests = readTraffic({ seed: 9, spansTotal: 5000 });
    const spans = new Map(itemsOf(requests, 'traces').map((span) => [hex(span.spanId), span]));
    const logs = itemsOf(requests, 'logs');
    assert.ok(logs.length > 0.2 * 5000 && logs.length < 5000, `${logs.length}`);
    for (const { traceId, spanId } of logs) {
      assert.equal(hex(spans.get(hex(spanId)).traceId), hex(traceId));
    }
    const text = asText(itemsOf(requests, 'metrics'));
    const ids = Array.from(text.matchAll(/"spanId":"([\da-f]+)"/g), ([, id]) => id!);
    assert.ok(ids.length > 500 && ids.every((id) => spans.has(id)), `${ids.length} exemplars`);
  });

  it('metrics: are exported in each interval and at the end', () => {
    const settings = { seed: 10, spansTotal: 5000, metricInterval: 5000 };
    const names = itemsOf(readTraffic(settings), 'metrics').map(({ name }) => name);
    const cpu = names.filter((name) => name === 'process.cpu.utilization');
    assert.equal(cpu.length, 11 * 11, 'eleven instances, ten intervals and the end');
  });
});
