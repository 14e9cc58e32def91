/** Tests the requests: exact counts, whole traces, grouped by instance, repeatable. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LogRecord, LogsRequest } from '../../../src/commands/generate/log-messages.ts';
import type { MetricsRequest } from '../../../src/commands/generate/metric-messages.ts';
import type { Span, TraceRequest } from '../../../src/commands/generate/telemetry.ts';
import type { Traffic, TrafficRequest } from '../../../src/commands/generate/traffic.ts';
import { type Signal, signals } from '../../../src/shared/signal.ts';
import { openTraffic, readTraffic } from './open-traffic.ts';
import { assertTrees, endUnixNs, hex } from './traces.ts';

function openTraces(seed: number, spansPerRequest: number, spansTotal: number): Traffic {
  const limits = { signals: ['traces'] as const, metricIntervalMs: 1000 };
  return openTraffic(seed, { ...limits, spansPerRequest, spansTotal });
}

function openAll(seed: number, spansTotal: number, sent: readonly Signal[] = signals): Traffic {
  const limits = { signals: sent, spansPerRequest: 100, spansTotal, metricIntervalMs: 5_000 };
  return openTraffic(seed, limits);
}

function readAll(traffic: Traffic, nowUnixNs = endUnixNs): TrafficRequest[] {
  const requests: TrafficRequest[] = [];
  for (;;) {
    const step = traffic.next(nowUnixNs, 0);
    if (step === undefined) return requests;
    requests.push(...step.requests);
  }
}

function spansOf(requests: readonly TrafficRequest[]): Span[] {
  return requests
    .filter(({ signal }) => signal === 'traces')
    .flatMap(({ message }) => (message as TraceRequest).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}

function logsOf(requests: readonly TrafficRequest[]): LogRecord[] {
  return requests
    .filter(({ signal }) => signal === 'logs')
    .flatMap(({ message }) => (message as LogsRequest).resourceLogs)
    .flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords));
}

describe('traffic', () => {
  for (const spansTotal of [1, 7, 199, 200, 201, 1234, 5000]) {
    it(`next: ${spansTotal} spans are exactly as many, all but the last request full`, () => {
      const requests = readAll(openTraces(1, 200, spansTotal));
      const counts = requests.map((request) => spansOf([request]).length);
      assert.deepEqual(
        requests.map(({ itemCount }) => itemCount),
        counts,
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

  it('next: no trace is cut off, whatever the total', () => {
    for (let total = 50; total < 90; total++) {
      assertTrees(spansOf(readAll(openTraces(total, 20, total))));
    }
  });

  it('next: most requests come from one instance or a few', () => {
    const requests = readAll(openTraces(2, 200, 20_000)).slice(0, -5);
    const counts = requests.map(({ message }) => (message as TraceRequest).resourceSpans.length);
    assert.ok(Math.max(...counts) <= 5, `${counts}`);
    assert.ok(counts.reduce((sum, count) => sum + count) / counts.length < 3, `${counts}`);
  });

  it('next: a group has one resource, and each of its scopes once', () => {
    for (const { message } of readAll(openTraces(3, 100, 2000))) {
      for (const { resource, scopeSpans } of (message as TraceRequest).resourceSpans) {
        assert.ok(resource.attributes.length > 10);
        const names = scopeSpans.map(({ scope }) => scope.name);
        assert.equal(new Set(names).size, names.length);
      }
    }
  });

  it('next: the same seed gives the same requests, moved in time', () => {
    const laterNs = 3_600_000_000_000n;
    const first = readAll(openTraces(4, 100, 1000));
    const later = readAll(openTraces(4, 100, 1000), endUnixNs + laterNs);
    const asText = (requests: readonly TrafficRequest[], movedNs: bigint) =>
      JSON.stringify(requests, (_key, value: unknown) =>
        typeof value === 'bigint' ? String(value - movedNs) : value,
      );
    assert.equal(asText(later, laterNs), asText(first, 0n));
    assert.notEqual(asText(readAll(openTraces(5, 100, 1000)), 0n), asText(first, 0n));
  });

  it('next: spans end within the last moments, never in the future', () => {
    for (const { endTimeUnixNano } of spansOf(readAll(openTraces(6, 200, 3000)))) {
      assert.ok(endTimeUnixNano <= endUnixNs);
      assert.ok(endTimeUnixNano > endUnixNs - 20_000_000_000n);
    }
  });

  it('close: what is held still goes out, with whole traces', () => {
    const traffic = openTraces(7, 50, Number.POSITIVE_INFINITY);
    const before = [
      ...traffic.next(endUnixNs, 0)!.requests,
      ...traffic.next(endUnixNs, 0)!.requests,
    ];
    traffic.close();
    const after = readAll(traffic);
    assert.ok(after.length >= 3);
    assertTrees(spansOf([...before, ...after]));
  });

  it('signals: the spans are the same whichever are sent', () => {
    const alone = spansOf(readTraffic(openAll(8, 2000, ['traces']), endUnixNs));
    const beside = spansOf(readTraffic(openAll(8, 2000), endUnixNs));
    assert.deepEqual(beside, alone);
    const without = readTraffic(openAll(8, 2000, ['metrics', 'logs']), endUnixNs);
    assert.equal(spansOf(without).length, 0);
    assert.deepEqual(logsOf(without), logsOf(readTraffic(openAll(8, 2000), endUnixNs)));
  });

  it('logs: in proportion to the spans, most of them of a span that is sent', () => {
    const requests = readTraffic(openAll(9, 5000), endUnixNs);
    const spans = new Map(spansOf(requests).map((span) => [hex(span.spanId), span]));
    const logs = logsOf(requests);
    assert.ok(logs.length > 0.2 * 5000 && logs.length < 5000, `${logs.length}`);
    const inSpans = logs.filter(({ spanId }) => spanId.length > 0);
    assert.equal(logs.length - inSpans.length, 11, 'one without a span for each instance');
    for (const { traceId, spanId, timeUnixNano } of inSpans) {
      const span = spans.get(hex(spanId));
      assert.equal(hex(span?.traceId ?? new Uint8Array()), hex(traceId));
      assert.ok(timeUnixNano >= span!.startTimeUnixNano && timeUnixNano <= span!.endTimeUnixNano);
    }
  });

  it('metrics: exported in each interval and at the end, their exemplars are spans that are sent', () => {
    const requests = readTraffic(openAll(10, 5000), endUnixNs);
    const spanIds = new Set(spansOf(requests).map(({ spanId }) => hex(spanId)));
    const metrics = requests
      .filter(({ signal }) => signal === 'metrics')
      .flatMap(({ message }) => (message as MetricsRequest).resourceMetrics)
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((group) => group.metrics));
    const exemplarIds = JSON.stringify(metrics, bigintText).match(/"spanId":"[\da-f]+"/g) ?? [];
    assert.ok(exemplarIds.length > 500, `${exemplarIds.length}`);
    for (const text of exemplarIds) assert.ok(spanIds.has(text.slice(10, -1)), text);
    const cpu = metrics.filter(({ name }) => name === 'process.cpu.utilization');
    assert.equal(cpu.length, 11 * 11, 'eleven instances, ten intervals and the end');
  });

  it('signals: the same seed gives the same telemetry', () => {
    const asText = (requests: unknown) => JSON.stringify(requests, bigintText);
    const first = asText(readTraffic(openAll(11, 2000), endUnixNs));
    assert.equal(asText(readTraffic(openAll(11, 2000), endUnixNs)), first);
    assert.notEqual(asText(readTraffic(openAll(12, 2000), endUnixNs)), first);
  });
});

function bigintText(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value);
  return typeof value === 'bigint' ? String(value) : value;
}
