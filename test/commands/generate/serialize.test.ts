/** Tests both formats: they hold the same message, and JSON follows OTLP's mapping. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Message } from '../../../src/commands/generate/message.ts';
import { toJson, toProtobuf } from '../../../src/commands/generate/serialize.ts';
import { requestType } from '../../../src/shared/otlp-messages.ts';
import { type Signal, signals } from '../../../src/shared/signal.ts';
import { readTraffic } from './open-traffic.ts';

// biome-ignore lint/suspicious/noExplicitAny: the test walks through JSON whose shape it checks.
type Json = Record<string, any>;

const requests = readTraffic({ seed: 11, spansPerRequest: 500, spansTotal: 2500 });

function requestsOf(signal: Signal): Message[] {
  return requests.filter((request) => request.signal === signal).map(({ message }) => message);
}

function parseJson(signal: Signal, request: Message): Json {
  return JSON.parse(Buffer.from(toJson(signal, request)).toString());
}

/** Returns a copy of a decoded message with ids in hex. */
function hexIds(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (Array.isArray(value)) return value.map(hexIds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, hexIds(part)]));
}

/** Asserts that everything expected is there; the decoder adds defaults. */
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

/** Fails without printing the whole text. */
function assertMatch(text: string, pattern: RegExp): void {
  assert.ok(pattern.test(text), `${pattern} does not match`);
}

describe('serialize', () => {
  for (const signal of signals) {
    it(`protobuf: ${signal} decode to what JSON says`, () => {
      const type = requestType(signal);
      assert.ok(requestsOf(signal).length > 1);
      for (const request of requestsOf(signal)) {
        const decoded = type.decode(toProtobuf(signal, request));
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
      for (const { value } of span.attributes) {
        if ('intValue' in value) assert.equal(typeof value.intValue, 'string');
        if ('doubleValue' in value) assert.equal(typeof value.doubleValue, 'number');
      }
    }
  });

  it('JSON: counts of metrics are strings, sums and bounds numbers', () => {
    const text = requestsOf('metrics').map((request) => {
      return Buffer.from(toJson('metrics', request)).toString();
    });
    const all = text.join('\n');
    assertMatch(all, /"count":"\d+"/);
    assertMatch(all, /"bucketCounts":\["\d+","/);
    assertMatch(all, /"explicitBounds":\[0.005,/);
    assertMatch(all, /"asInt":"-?\d+"/);
    assertMatch(all, /"asDouble":[\d.]+/);
    assertMatch(all, /"exemplars":\[\{"traceId":"[\da-f]{32}","spanId":"[\da-f]{16}","timeU/);
    assertMatch(all, /"zeroCount":"0"/);
    assertMatch(all, /"quantileValues":\[\{"quantile":0.5,"value":\d/);
  });
});
