/** Tests what is found out about malformed requests, with the real decoder. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explainMalformed } from '../../src/lane/malformed-request.ts';
import { fieldName } from '../../src/shared/misplaced-field.ts';
import type { Signal } from '../../src/shared/signal.ts';
import { DecoderHarness, plenty } from '../columns/decode/decoder-harness.ts';
import {
  type Bytes,
  field,
  fixed64Field,
  join,
  message,
  requestOf,
  stringAttribute,
  varintField,
} from '../columns/wire-writer.ts';

/** Decodes a body that must be malformed, and explains it. */
function explain(signal: Signal, body: Bytes, harness = new DecoderHarness(signal)) {
  const { decoder } = harness;
  assert.equal(harness.decode(body), -1);
  const bodyAddress = decoder.allocate(body.length + 16);
  decoder.bytes.set(body, bodyAddress);
  return explainMalformed(decoder, { signal, bodyAddress, bodyBytes: body.length }, plenty);
}

const point = join(fixed64Field(3, 1_795_251_185_122_999_000n), fixed64Field(6, 5));
const sum = message(7, message(1, point), varintField(2, 2), varintField(3, 1));
const metrics = message(1, message(2, message(2, join(field(1, 'openclaw.tokens'), sum))));
const spans = requestOf(
  join(field(1, Buffer.alloc(16, 0xab)), field(5, 'GET /'), fixed64Field(7, 10)),
);

describe('explainMalformed', () => {
  it('metrics on the path of traces: the field, and the right signal', () => {
    const { misplacedField, belongsTo } = explain('traces', metrics);
    assert.equal(fieldName('traces', misplacedField), 'Span.start_time_unix_nano');
    assert.equal(belongsTo, 'metrics');
  });

  it('each signal on each other path: the right signal', () => {
    const body = message(5, field(1, 'text'));
    const logs = requestOf(join(fixed64Field(1, 10), body, fixed64Field(11, 11)));
    const bodies: readonly [Signal, Bytes][] = [
      ['traces', spans],
      ['metrics', metrics],
      ['logs', logs],
    ];
    for (const [signal] of bodies) {
      for (const [own, bytes] of bodies) {
        if (own !== signal)
          assert.equal(explain(signal, bytes).belongsTo, own, `${own}: ${signal}`);
      }
    }
  });

  it('a misplaced field in a request of no other signal: the field alone', () => {
    const request = requestOf(join(varintField(5, 1), field(9, stringAttribute('k', 'v'))));
    const { misplacedField, belongsTo } = explain('traces', request);
    assert.equal(fieldName('traces', misplacedField), 'Span.name');
    assert.equal(belongsTo, undefined);
  });

  it('bytes that are no protobuf: neither', () => {
    assert.deepEqual(explain('traces', Buffer.from([0x0a, 0x7f])), {
      kind: 'malformed',
      misplacedField: 0,
    });
  });

  it('the rows of all signals stay as they were', () => {
    const harness = new DecoderHarness('metrics');
    assert.equal(harness.decode(metrics), 1);
    const before = harness.snapshot();
    const { decoder } = harness;
    const address = decoder.allocate(metrics.length + 16);
    decoder.bytes.set(metrics, address);
    assert.equal(decoder.decode(0, address, metrics.length, 1n, 1n, plenty), -1);
    const frame = { signal: 'traces', bodyAddress: address, bodyBytes: metrics.length } as const;
    assert.equal(explainMalformed(decoder, frame, plenty).belongsTo, 'metrics');
    assert.ok(harness.snapshot().equals(before));
  });
});
