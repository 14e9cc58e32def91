/** Tests that a known field with another wire type than its own is refused, and named. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import protobuf from 'protobufjs';
import { decodeResult } from '../../../src/columns/request-decoder.ts';
import { fieldName, messageCount, messageName } from '../../../src/shared/misplaced-field.ts';
import { requestType } from '../../../src/shared/otlp-messages.ts';
import { type Signal, signals } from '../../../src/shared/signal.ts';
import { unknownToColumns, wireTypesOf } from '../misplaced-fields.ts';
import {
  type Bytes,
  field,
  fixed32Field,
  fixed64Field,
  group,
  join,
  message,
  noBytes,
  requestOf,
  varintField,
} from '../wire-writer.ts';
import { DecoderHarness } from './decoder-harness.ts';

/** A field of each wire type. */
const fieldsByWireType: Readonly<Record<number, (number: number) => Bytes>> = {
  0: (number) => varintField(number, 1),
  1: (number) => fixed64Field(number, 1),
  2: (number) => field(number, ''),
  3: (number) => group(number, varintField(1, 1)),
  5: (number) => fixed32Field(number, 1),
};

interface Place {
  readonly type: protobuf.Type;
  /** Puts the content of a message of this type where it belongs in a request. */
  readonly wrap: (content: Bytes) => Bytes;
}

/** Each message type of a signal's requests once, with the shortest way to it. */
function places(signal: Signal): Place[] {
  const found: Place[] = [{ type: requestType(signal), wrap: (content) => content }];
  const known = new Set(found.map(({ type }) => type));
  for (const { type, wrap } of found) {
    for (const { id, name, resolvedType } of type.fieldsArray) {
      if (!(resolvedType instanceof protobuf.Type) || known.has(resolvedType)) continue;
      if (unknownToColumns.has(name)) continue;
      known.add(resolvedType);
      found.push({ type: resolvedType, wrap: (content) => wrap(field(id, content)) });
    }
  }
  return found;
}

function shortName(type: protobuf.Type): string {
  return type.fullName.replace('.opentelemetry.proto.', '');
}

describe('a known field of another wire type', () => {
  for (const signal of signals) {
    it(`${signal}: every field of every message is refused with its name`, () => {
      const harness = new DecoderHarness(signal);
      let count = 0;
      for (const { type, wrap } of places(signal)) {
        for (const known of type.fieldsArray) {
          if (unknownToColumns.has(known.name)) continue;
          for (const [wireType, make] of Object.entries(fieldsByWireType)) {
            if (wireTypesOf(known).includes(Number(wireType))) continue;
            const where = `${type.name}.${known.name} with wire type ${wireType}`;
            const rows = harness.decode(wrap(make(known.id)));
            assert.equal(rows, decodeResult.malformed, where);
            const code = harness.decoder.misplacedField();
            const snake = known.name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
            assert.equal(fieldName(signal, code), `${type.name}.${snake}`, where);
            assert.equal(messageName(signal, code >>> 5), shortName(type), where);
            count += 1;
          }
        }
      }
      assert.ok(count > 100, `${count} fields`);
    });
  }

  it('fields that no message has stay unknown, whatever their wire type', () => {
    const harness = new DecoderHarness();
    for (const make of Object.values(fieldsByWireType)) {
      assert.equal(harness.decode(join(requestOf(noBytes), make(99))), 1);
      assert.equal(harness.decoder.misplacedField(), 0);
    }
  });

  it('another reason to refuse names no field', () => {
    const harness = new DecoderHarness();
    assert.equal(harness.decode(message(1, varintField(1, 1))), decodeResult.malformed);
    assert.notEqual(harness.decoder.misplacedField(), 0);
    assert.equal(harness.decode(Buffer.from([0x0a, 0x7f])), decodeResult.malformed);
    assert.equal(harness.decoder.misplacedField(), 0);
  });

  it('tolerated, as in a log of an earlier version: kept in otlp_extra', () => {
    const harness = new DecoderHarness();
    const span = varintField(5, 1);
    harness.decoder.tolerateMisplacedFields(true);
    const [row] = harness.rowsOf(requestOf(span));
    assert.equal(row?.otlp_extra, field(7, span).toString('hex'));
    harness.decoder.tolerateMisplacedFields(false);
    assert.equal(harness.decode(requestOf(span)), decodeResult.malformed);
  });

  it('the table of names has all messages that the decoder knows', () => {
    const names = signals.flatMap((signal) => places(signal).map(({ type }) => shortName(type)));
    const listed = signals.flatMap((signal) =>
      Array.from({ length: messageCount }, (_, index) => messageName(signal, index + 1)),
    );
    assert.deepEqual([...new Set(listed)].sort(), [...new Set(names)].sort());
  });
});
