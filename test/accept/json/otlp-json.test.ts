/** OTLP/JSON to protobuf: each rule by name, and random requests of every signal. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import protobuf from 'protobufjs';
import { otlpFromJson } from '../../../src/accept/json/otlp-json.ts';
import { requestType } from '../../../src/shared/otlp-messages.ts';
import { type Signal, signals } from '../../../src/shared/signal.ts';
import { decodeRequest } from '../fake-ring.ts';
import { JsonGenerator } from '../json-generator.ts';

// protobufjs stops at 100 messages within one another; 64 levels of values take up to three each.
protobuf.util.recursionLimit = 1_000;

function bytesOf(text: string, signal: Signal = 'traces'): Buffer {
  const result = otlpFromJson(signal, Buffer.from(text));
  assert.equal(result.kind, 'message', JSON.stringify(result));
  return result.kind === 'message' ? Buffer.from(result.bytes) : Buffer.alloc(0);
}

function reasonOf(text: string, signal: Signal = 'traces'): string {
  const result = otlpFromJson(signal, Buffer.from(text));
  assert.equal(result.kind, 'malformed', text.slice(0, 200));
  return result.kind === 'malformed' ? result.reason : '';
}

function inSpan(fields: string): string {
  return `{"resourceSpans":[{"scopeSpans":[{"spans":[{${fields}}]}]}]}`;
}

function spanOf(fields: string): Record<string, unknown> {
  const request = decodeRequest('traces', bytesOf(inSpan(fields)));
  return (request as SpanRequest).resourceSpans[0].scopeSpans[0].spans[0];
}

interface SpanRequest {
  resourceSpans: [{ scopeSpans: [{ spans: [Record<string, unknown>] }] }];
}

/** The metrics of a request that has just these. */
function metricsOf(...metrics: string[]): unknown[] {
  const text = `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[${metrics}]}]}]}`;
  const request = decodeRequest('metrics', bytesOf(text, 'metrics'));
  return (request as MetricRequest).resourceMetrics[0].scopeMetrics[0].metrics;
}

interface MetricRequest {
  resourceMetrics: [{ scopeMetrics: [{ metrics: unknown[] }] }];
}

/** The only log record of a request. */
function recordOf(fields: string): unknown {
  const text = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{${fields}}]}]}]}`;
  const request = decodeRequest('logs', bytesOf(text, 'logs'));
  return (request as LogRequest).resourceLogs[0].scopeLogs[0].logRecords[0];
}

interface LogRequest {
  resourceLogs: [{ scopeLogs: [{ logRecords: [unknown] }] }];
}

/** Returns the value of the attribute in the only span. */
function attributeOf(json: string): unknown {
  const { attributes } = spanOf(`"attributes":[{"key":"k","value":${json}}]`);
  return (attributes as [{ value: unknown }])[0].value;
}

const inSpanPath = 'resourceSpans[0].scopeSpans[0].spans[0]';

describe('otlp-json', () => {
  it('ids: hex in any case, in spans and links, of any even length', () => {
    const span = spanOf(
      '"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174",' +
        '"parentSpanId":"","links":[{"traceId":"aB","spanId":"0102"}]',
    );
    const hex = (value: unknown) => Buffer.from(String(value), 'base64').toString('hex');
    assert.equal(hex(span.traceId), '5b8efff798038103d269b633813fc60c');
    assert.equal(hex(span.spanId), 'eee19b7ec3c1b174');
    assert.equal(span.parentSpanId, undefined);
    const [link] = span.links as [Record<string, unknown>];
    assert.equal(hex(link.traceId), 'ab');
  });

  it('ids: odd or not hex is malformed, naming the place', () => {
    assert.equal(
      reasonOf(inSpan('"traceId":"abc"')),
      `${inSpanPath}.traceId is "abc", not pairs of hex digits`,
    );
    assert.match(reasonOf(inSpan('"links":[{},{"spanId":"AAECAw=="}]')), /links\[1\]\.spanId is/);
  });

  it('64-bit integers: strings and numbers, exact beyond 2^53', () => {
    const largest = '18446744073709551615';
    const span = spanOf(`"startTimeUnixNano":"${largest}","endTimeUnixNano":9007199254740993`);
    assert.equal(span.startTimeUnixNano, largest);
    assert.equal(span.endTimeUnixNano, '9007199254740993');
    assert.deepEqual(attributeOf('{"intValue":-9223372036854775808}'), {
      intValue: '-9223372036854775808',
    });
  });

  it('integers: out of range, fractions and other texts are malformed, with the value', () => {
    const wrong = ['18446744073709551616', '-1', '1.5', '1e20'];
    for (const value of [...wrong, '"abc"', '""', 'true', '{}', '[]', '"1 "']) {
      const reason = reasonOf(inSpan(`"startTimeUnixNano":${value}`));
      const shown = value === '{}' ? 'an object' : value === '[]' ? 'an array' : value;
      const expects = 'a whole number from 0 to 18446744073709551615';
      assert.equal(reason, `${inSpanPath}.startTimeUnixNano is ${shown}, not ${expects}`);
    }
    assert.match(reasonOf(inSpan('"flags":4294967296')), /flags is 4294967296, not a whole/);
  });

  it('doubles: numbers, integers, texts and the three names', () => {
    const doubles = { '1': 1, '-2.5': -2.5, '"1.5"': 1.5, '1e21': 1e21, '12345678901234567': 0 };
    for (const [json, value] of Object.entries(doubles)) {
      const expected = value === 0 ? Number(json) : value;
      assert.deepEqual(attributeOf(`{"doubleValue":${json}}`), { doubleValue: expected });
    }
    assert.deepEqual(attributeOf('{"doubleValue":"NaN"}'), { doubleValue: Number.NaN });
    assert.deepEqual(attributeOf('{"doubleValue":"-Infinity"}'), {
      doubleValue: Number.NEGATIVE_INFINITY,
    });
    assert.match(
      reasonOf(inSpan('"attributes":[{"value":{"doubleValue":"1,5"}}]')),
      /attributes\[0\]\.value\.doubleValue is "1,5", not a number$/,
    );
  });

  it('enums: numbers, unknown ones, and names', () => {
    assert.equal(spanOf('"kind":3').kind, 3);
    assert.equal(spanOf('"kind":99').kind, 99);
    assert.equal(spanOf('"kind":"SPAN_KIND_SERVER"').kind, 2);
    assert.match(reasonOf(inSpan('"kind":"SERVER"')), /kind is "SERVER", not .* name of SpanKind/);
  });

  it('bytesValue: base64 of either alphabet', () => {
    for (const encoded of ['+/8=', '-_8', '-_8=', '+/8']) {
      assert.deepEqual(attributeOf(`{"bytesValue":"${encoded}"}`), { bytesValue: '+/8=' });
    }
  });

  it('keys: only lowerCamelCase; unknown ones are ignored, whatever they hold', () => {
    const span = spanOf('"start_time_unix_nano":"1","Name":"x","new":{"a":[1,{}]},"name":"n"');
    assert.deepEqual(span, { name: 'n' });
    assert.deepEqual(spanOf('"$unknowns":["CAE="],"__proto__":{"name":"x"},"constructor":1'), {});
  });

  it('null: is absent, but no element', () => {
    assert.deepEqual(spanOf('"name":null,"attributes":null,"status":null,"kind":null'), {});
    assert.deepEqual(attributeOf('{"stringValue":null,"intValue":"1"}'), { intValue: '1' });
    assert.match(reasonOf(inSpan('"attributes":[null]')), /attributes\[0\] is null, not an object/);
  });

  it('presence: empty messages and members of a oneof stay', () => {
    assert.deepEqual(spanOf('"status":{}'), { status: {} });
    assert.deepEqual(attributeOf('{}'), {});
    assert.deepEqual(attributeOf('{"stringValue":""}'), { stringValue: '' });
    assert.deepEqual(attributeOf('{"boolValue":false}'), { boolValue: false });
    assert.deepEqual(attributeOf('{"arrayValue":{}}'), { arrayValue: {} });
    assert.equal(bytesOf('{"resourceSpans":[{"resource":{}}]}').toString('hex'), '0a020a00');
    assert.equal(bytesOf('{}').length, 0);
  });

  it('oneof: two members at once are malformed', () => {
    const reason = reasonOf(inSpan('"attributes":[{"value":{"intValue":"1","boolValue":true}}]'));
    assert.match(reason, /value\.intValue is set beside another/);
  });

  it('types: what is not the JSON it should be is malformed, naming the place', () => {
    const wrong: Record<string, RegExp> = {
      '[]': /^it is an array, not an object$/,
      null: /^it is null, not an object$/,
      '"x"': /^it is "x", not an object$/,
      '1e9': /^it is 1e9, not an object$/,
      '{"resourceSpans":{}}': /^resourceSpans is an object, not an array$/,
      '{"resourceSpans":[[]]}': /^resourceSpans\[0\] is an array, not an object$/,
      '{"resourceSpans":[{"resource":9007199254740993}]}': /resource is 9007199254740993, not an/,
      [inSpan('"name":1')]: /spans\[0\]\.name is 1, not a string$/,
      [inSpan('"events":[{},{"name":true}]')]: /events\[1\]\.name is true, not a string$/,
      [inSpan(`"name":["${'x'.repeat(999)}"]`)]: /name is an array, not a string$/,
    };
    for (const [text, reason] of Object.entries(wrong)) assert.match(reasonOf(text), reason);
    assert.ok(reasonOf(inSpan(`"kind":"${'x'.repeat(9_999)}"`)).length < 200, 'values are cut');
  });

  it('text: what is not JSON is malformed', () => {
    assert.match(reasonOf('\u0000'), /^its text is not JSON/);
    assert.match(reasonOf(''), /^its text is not JSON/);
  });

  it('depth: 64 levels of values stay, 65 are too deep, thousands harm nobody', () => {
    const list = (depth: number) =>
      `${'{"arrayValue":{"values":['.repeat(depth - 1)}{"intValue":"7"}${']}}'.repeat(depth - 1)}`;
    const map = (depth: number) => {
      const opening = '{"kvlistValue":{"values":[{"key":"k","value":';
      return `${opening.repeat(depth - 1)}{}${'}]}}'.repeat(depth - 1)}`;
    };
    const attribute = (value: string) => inSpan(`"attributes":[{"key":"a","value":${value}}]`);
    for (const nested of [list, map]) {
      const text = attribute(nested(64));
      const reference = requestType('traces').fromObject(JSON.parse(text));
      const bytes = requestType('traces').encode(reference).finish();
      assert.ok(bytesOf(text).equals(bytes));
      for (const depth of [65, 66, 5_000]) {
        const result = otlpFromJson('traces', Buffer.from(attribute(nested(depth))));
        assert.equal(result.kind, 'too_deep', String(depth));
      }
    }
    const side = `{"arrayValue":{"values":[${list(63)},${list(63)},${list(63)}]}}`;
    assert.ok(bytesOf(attribute(side)).length > 0, 'levels are counted down again');
  });
});

describe('otlp-json, metrics and logs', () => {
  it('metrics: 64-bit integers of points and buckets, as strings and numbers', () => {
    const [largest, least] = ['18446744073709551615', '-9223372036854775808'];
    const points = `{"asInt":"${least}"},{"asInt":${least}},{"asInt":7}`;
    const [gauge, histogram, exponential] = metricsOf(
      `{"gauge":{"dataPoints":[${points}]}}`,
      `{"histogram":{"dataPoints":[{"count":"${largest}","bucketCounts":["1",2,${largest}]}]}}`,
      `{"exponentialHistogram":{"dataPoints":[{"zeroCount":"3","scale":-2,
        "positive":{"offset":-4,"bucketCounts":[1,"${largest}"]},"negative":{}}]}}`,
    );
    assert.deepEqual(gauge, {
      gauge: { dataPoints: [{ asInt: least }, { asInt: least }, { asInt: '7' }] },
    });
    assert.deepEqual(histogram, {
      histogram: { dataPoints: [{ count: largest, bucketCounts: ['1', '2', largest] }] },
    });
    const positive = { offset: -4, bucketCounts: ['1', largest] };
    assert.deepEqual(exponential, {
      exponentialHistogram: {
        dataPoints: [{ zeroCount: '3', scale: -2, positive, negative: {} }],
      },
    });
  });

  it('metrics: doubles that are no numbers, and defaults of optional fields, stay', () => {
    const [histogram, summary, gauge] = metricsOf(
      `{"histogram":{"dataPoints":[{"sum":0,"min":"-Infinity","max":"NaN",
        "explicitBounds":[0.5,"Infinity",1]}]}}`,
      '{"summary":{"dataPoints":[{"sum":"NaN","quantileValues":[{"quantile":0.5,"value":-0.0}]}]}}',
      '{"gauge":{"dataPoints":[{"asDouble":0},{"asDouble":"-Infinity"},{}]}}',
    );
    const infinity = Number.POSITIVE_INFINITY;
    assert.deepEqual(histogram, {
      histogram: {
        dataPoints: [
          { sum: 0, min: -infinity, max: Number.NaN, explicitBounds: [0.5, infinity, 1] },
        ],
      },
    });
    const quantileValues = [{ quantile: 0.5, value: -0 }];
    assert.deepEqual(summary, { summary: { dataPoints: [{ sum: Number.NaN, quantileValues }] } });
    assert.deepEqual(gauge, {
      gauge: { dataPoints: [{ asDouble: 0 }, { asDouble: -infinity }, {}] },
    });
  });

  it('metrics: exemplars have hex ids, temporality is a number or a name', () => {
    const exemplar = '{"timeUnixNano":"1","asInt":"-3","spanId":"EEE19B7EC3C1B174","traceId":"0a"}';
    const [sum, named] = metricsOf(
      `{"sum":{"aggregationTemporality":2,"dataPoints":[{"exemplars":[${exemplar}]}]}}`,
      '{"sum":{"aggregationTemporality":"AGGREGATION_TEMPORALITY_DELTA","isMonotonic":true}}',
    );
    const spanId = Buffer.from('eee19b7ec3c1b174', 'hex').toString('base64');
    const traceId = Buffer.from('0a', 'hex').toString('base64');
    const exemplars = [{ timeUnixNano: '1', asInt: '-3', spanId, traceId }];
    assert.deepEqual(sum, { sum: { aggregationTemporality: 2, dataPoints: [{ exemplars }] } });
    assert.deepEqual(named, { sum: { aggregationTemporality: 1, isMonotonic: true } });
    const wrong = '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{},"sum":{}}]}]}]}';
    assert.match(reasonOf(wrong, 'metrics'), /metrics\[0\]\.sum is set beside another/);
  });

  it('logs: ids in hex, severity as a number or a name, bodies of every type', () => {
    const bodies = {
      '{"stringValue":""}': { stringValue: '' },
      '{"boolValue":false}': { boolValue: false },
      '{"intValue":"-9223372036854775808"}': { intValue: '-9223372036854775808' },
      '{"doubleValue":"NaN"}': { doubleValue: Number.NaN },
      '{"bytesValue":"-_8"}': { bytesValue: '+/8=' },
      '{"arrayValue":{"values":[{},{"intValue":1}]}}': {
        arrayValue: { values: [{}, { intValue: '1' }] },
      },
      '{"kvlistValue":{"values":[{"key":"k","value":{"boolValue":true}}]}}': {
        kvlistValue: { values: [{ key: 'k', value: { boolValue: true } }] },
      },
      '{}': {},
    };
    for (const [json, body] of Object.entries(bodies)) {
      assert.deepEqual(recordOf(`"body":${json}`), { body }, json);
    }
    assert.deepEqual(recordOf('"body":null,"eventName":"e"'), { eventName: 'e' });
    const record = recordOf(
      '"severityNumber":9,"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"","flags":257,' +
        '"timeUnixNano":1700000000000000001,"observedTimeUnixNano":"1700000000000000002"',
    );
    assert.deepEqual(record, {
      timeUnixNano: '1700000000000000001',
      severityNumber: 9,
      flags: 257,
      traceId: Buffer.from('5b8efff798038103d269b633813fc60c', 'hex').toString('base64'),
      observedTimeUnixNano: '1700000000000000002',
    });
    assert.deepEqual(recordOf('"severityNumber":"SEVERITY_NUMBER_ERROR2"'), { severityNumber: 18 });
  });
});

describe('otlp-json, every signal', () => {
  for (const signal of signals) {
    it(`random: ${signal} come out as protobufjs encodes the same objects`, () => {
      const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
      console.log(`seed ${seed}`);
      const type = requestType(signal);
      const generator = new JsonGenerator(seed);
      let valueCount = 0;
      for (let count = 0; count < 400; count++) {
        const { object, text } = generator.message(type);
        const expected = Buffer.from(type.encode(type.fromObject(object)).finish());
        const actual = bytesOf(text, signal);
        if (actual.equals(expected)) {
          valueCount += expected.length;
          continue;
        }
        const label = `seed ${seed}, request ${count}`;
        assert.deepEqual(decodeRequest(signal, actual), decodeRequest(signal, expected), label);
        assert.fail(`${label}: equal, but other bytes`);
      }
      assert.ok(valueCount > 50_000, `${valueCount} bytes compared`);
    });
  }
});
