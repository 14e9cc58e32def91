/** Tests both encodings: they hold the same message, and JSON follows OTLP's mapping. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeJson, encodeProtobuf } from '../../../src/commands/generate/encoding.ts';
import type { ExportRequest } from '../../../src/commands/generate/export-request.ts';
import { requestType } from '../../../src/shared/otlp-messages.ts';
import { type Signal, signals } from '../../../src/shared/signal.ts';
import { openTraffic, readTraffic } from './open-traffic.ts';
import { endUnixNs } from './traces.ts';

// biome-ignore lint/suspicious/noExplicitAny: the test walks through JSON whose shape it checks.
type Json = Record<string, any>;

const limits = { signals, spansPerRequest: 500, spansTotal: 2500, metricIntervalMs: 1000 };
const requests = readTraffic(openTraffic(11, limits), endUnixNs);

function requestsOf(signal: Signal): ExportRequest[] {
  return requests.filter((request) => request.signal === signal).map(({ message }) => message);
}

function parseJson(signal: Signal, request: ExportRequest): Json {
  return JSON.parse(Buffer.from(encodeJson(signal, request)).toString());
}

/** Ids as hex, deep inside a decoded message. */
function hexIds(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (Array.isArray(value)) return value.map(hexIds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, hexIds(part)]));
}

/** Everything that is expected is there and equal; the decoder adds defaults beside it. */
function assertIncludes(actual: unknown, expected: unknown, path: string): void {
  if (typeof expected !== 'object' || expected === null) {
    assert.equal(actual, expected, path);
    return;
  }
  assert.ok(typeof actual === 'object' && actual !== null, path);
  if (Array.isArray(expected)) assert.equal((actual as unknown[]).length, expected.length, path);
  for (const [key, part] of Object.entries(expected)) {
    assertIncludes((actual as Json)[key], part, `${path}.${key}`);
  }
}

describe('encoding', () => {
  for (const signal of signals) {
    it(`protobuf: ${signal} decode to what JSON says`, () => {
      const type = requestType(signal);
      assert.ok(requestsOf(signal).length > 1);
      for (const request of requestsOf(signal)) {
        const decoded = type.decode(encodeProtobuf(signal, request));
        const message = type.toObject(decoded, { longs: String, defaults: true });
        assertIncludes(hexIds(message), parseJson(signal, request), 'request');
      }
    });
  }

  it('JSON: ids are hex, 64-bit integers strings, enums numbers', () => {
    const [request] = requestsOf('traces');
    const spans = parseJson('traces', request!).resourceSpans.flatMap((group: Json) =>
      group.scopeSpans.flatMap((part: Json) => part.spans),
    );
    assert.equal(spans.length, 500);
    for (const span of spans) {
      assert.match(span.traceId, /^[\da-f]{32}$/);
      assert.match(span.spanId, /^[\da-f]{16}$/);
      assert.match(span.parentSpanId, /^([\da-f]{16})?$/);
      assert.match(span.startTimeUnixNano, /^\d{19}$/);
      assert.equal(typeof span.kind, 'number');
      assert.equal(typeof span.status.code, 'number');
      for (const { value } of span.attributes) {
        if ('intValue' in value) assert.equal(typeof value.intValue, 'string');
        if ('doubleValue' in value) assert.equal(typeof value.doubleValue, 'number');
      }
    }
  });

  it('JSON: counts of metrics are strings, sums and bounds numbers', () => {
    const text = requestsOf('metrics').map((request) => {
      return Buffer.from(encodeJson('metrics', request)).toString();
    });
    const all = text.join('\n');
    assert.match(all, /"count":"\d+"/);
    assert.match(all, /"bucketCounts":\["\d+","/);
    assert.match(all, /"explicitBounds":\[0.005,/);
    assert.match(all, /"asInt":"-?\d+"/);
    assert.match(all, /"asDouble":[\d.]+/);
    assert.match(all, /"exemplars":\[\{"timeUnixNano":"\d{19}",/);
    assert.match(all, /"zeroCount":"0"/);
    assert.match(all, /"quantileValues":\[\{"quantile":0.5,"value":0/);
  });
});
