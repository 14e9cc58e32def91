/** Tests both encodings: they hold the same message, and JSON follows OTLP's mapping. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeJson, encodeProtobuf } from '../../../src/commands/generate/encoding.ts';
import { Random } from '../../../src/commands/generate/random.ts';
import { openShop } from '../../../src/commands/generate/shop.ts';
import { Traffic } from '../../../src/commands/generate/traffic.ts';
import { requestType } from '../../../src/shared/otlp-messages.ts';
import { endUnixNs } from './traces.ts';

// biome-ignore lint/suspicious/noExplicitAny: the test walks through JSON whose shape it checks.
type Json = Record<string, any>;

const random = new Random(11);
const limits = { spansPerRequest: 500, spansTotal: 500 };
const request = new Traffic(openShop(random), random, limits).next(endUnixNs)!.message;

function parseJson(): Json {
  return JSON.parse(Buffer.from(encodeJson(request)).toString());
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
  it('protobuf: decodes to what JSON says', () => {
    const type = requestType('traces');
    const decoded = type.decode(encodeProtobuf(request));
    const message = type.toObject(decoded, { longs: String, defaults: true });
    assertIncludes(hexIds(message), parseJson(), 'request');
  });

  it('JSON: ids are hex, 64-bit integers strings, enums numbers', () => {
    const spans = parseJson().resourceSpans.flatMap((group: Json) =>
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
});
