import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeResult } from '../../../src/columns/request-decoder.ts';
import type { Signal } from '../../../src/shared/signal.ts';
import { data, metricTypes, points } from '../metric-writer.ts';
import { referenceRows } from '../reference-rows.ts';
import {
  attribute,
  type Bytes,
  doubleField,
  field,
  fixed64Field,
  group,
  join,
  message,
  noBytes,
  requestOf,
  stringAttribute,
  tag,
  varint,
  varintField,
} from '../wire-writer.ts';
import { DecoderHarness } from './decoder-harness.ts';

const { malformed, tooDeep } = decodeResult;
const harness = new DecoderHarness();
const before = requestOf(
  join(field(5, 'kept'), field(9, stringAttribute('a', 'b')), message(11, field(2, 'event'))),
);

/** Decodes behind rows that must stay unchanged if the request is refused. */
function decodeBehindOthers(request: Uint8Array): number {
  return decodeBehind(harness, before, request);
}

function decodeBehind(columns: DecoderHarness, others: Uint8Array, request: Uint8Array): number {
  columns.reset();
  assert.equal(columns.decode(others), 1);
  const kept = columns.snapshot();
  const rows = columns.decode(request);
  if (rows < 0)
    assert.ok(columns.snapshot().equals(kept), 'a refused request leaves nothing behind');
  return rows;
}

/** Returns the same bytes as a part of each kind of message that all signals have. */
function atEveryLevel(bytes: Uint8Array): Bytes[] {
  return [
    join(requestOf(noBytes), bytes),
    message(1, message(2, message(2)), bytes),
    message(1, message(2, message(2)), field(1, bytes)),
    message(1, message(1, field(1, bytes)), message(2, message(2))),
    message(1, message(2, message(2), bytes)),
    message(1, message(2, field(1, bytes), message(2))),
  ];
}

/** Returns the bytes as a part of an AnyValue, at each of its levels. */
function inValue(bytes: Uint8Array): Uint8Array[] {
  return [
    bytes,
    field(5, bytes),
    message(5, field(1, bytes)),
    message(6, field(1, bytes)),
    message(6, field(1, attribute('k', bytes))),
  ];
}

interface Levels {
  readonly signal: Signal;
  readonly others: Bytes;
  /** Returns the bytes as a part of the signal's record and of each kind of message in it. */
  readonly inRecord: (bytes: Uint8Array) => readonly Bytes[];
}

const levelsOfSignals: readonly Levels[] = [
  {
    signal: 'traces',
    others: before,
    inRecord: (bytes) => [
      join(field(5, 'name'), bytes),
      field(9, bytes),
      ...inValue(bytes).map((value) => field(9, attribute('k', value))),
      field(11, bytes),
      field(13, bytes),
      field(15, bytes),
      message(11, message(3, bytes)),
      message(13, message(4, bytes)),
    ],
  },
  {
    signal: 'metrics',
    others: requestOf(
      points('gauge', join(doubleField(4, 1), field(7, stringAttribute('a', 'b')))),
    ),
    inRecord: (bytes) => [
      join(field(1, 'name'), bytes),
      field(12, bytes),
      ...inValue(bytes).map((value) => field(12, attribute('k', value))),
      ...metricTypes.flatMap((type) => [data(type, bytes), points(type, bytes)]),
      ...inValue(bytes).map((value) => points('sum', field(7, attribute('k', value)))),
      points('gauge', field(5, bytes)),
      points('gauge', message(5, field(7, bytes))),
      points('histogram', field(8, bytes)),
      points('histogram', field(9, bytes)),
      points('exponential_histogram', field(8, bytes)),
      points('exponential_histogram', field(9, bytes)),
      points('exponential_histogram', field(11, bytes)),
      points('summary', field(6, bytes)),
      join(data('sum', bytes), data('gauge')),
    ],
  },
  {
    signal: 'logs',
    others: requestOf(join(message(5, field(1, 'kept')), field(6, stringAttribute('a', 'b')))),
    inRecord: (bytes) => [
      join(field(3, 'severity'), bytes),
      ...inValue(bytes).map((value) => field(5, value)),
      message(5, field(1, 'text'), bytes),
      field(6, bytes),
      ...inValue(bytes).map((value) => field(6, attribute('k', value))),
    ],
  },
];

const tenContinued = Buffer.alloc(10, 0x80);

const damages: readonly [name: string, bytes: Bytes][] = [
  ['a tag without a value', tag(99, 0)],
  ['a tag that is cut off', Buffer.from([0x80])],
  ['a varint that is cut off', join(tag(99, 0), Buffer.from([0xff, 0xff]))],
  ['a varint of eleven bytes', join(tag(99, 0), tenContinued, Buffer.from([0x01]))],
  ['64 bits that are cut off', fixed64Field(99, 1).subarray(0, -1)],
  ['32 bits that are cut off', join(tag(99, 5), Buffer.alloc(3))],
  ['a length without content', join(tag(99, 2), varint(1))],
  ['a length past the end', join(tag(99, 2), varint(5), Buffer.from('abcd'))],
  ['a length of 2^32', join(tag(99, 2), varint(2n ** 32n))],
  ['a length of 2^64 - 1', join(tag(99, 2), varint(2n ** 64n - 1n))],
  ['the field number 0', join(Buffer.from([0x02]), varint(0))],
  ['the field number 0, written long', Buffer.from([0x80, 0x00, 0x01])],
  ['a tag beyond 32 bits', join(varint(2n ** 32n + 8n), varint(0))],
  ['a tag of eleven bytes', join(tenContinued, Buffer.from([0x08, 0x00]))],
  ['the wire type 6', join(tag(99, 6), varint(0))],
  ['the wire type 7', join(tag(99, 7), varint(0))],
  ['the end of a group that was not opened', tag(99, 4)],
  ['a group that is not closed', join(tag(99, 3), varintField(1, 1))],
  ['a group that another number closes', join(tag(99, 3), tag(98, 4))],
  ['groups closed in the wrong order', join(tag(98, 3), tag(99, 3), tag(98, 4), tag(99, 4))],
  [
    'a group with the field number 0 inside',
    join(tag(99, 3), Buffer.from([0x00, 0x00]), tag(99, 4)),
  ],
  ['a group with a length past the end inside', join(tag(99, 3), tag(1, 2), varint(9), tag(99, 4))],
];

for (const { signal, others, inRecord } of levelsOfSignals) {
  const columns = new DecoderHarness(signal);
  for (const [name, bytes] of damages) {
    test(`decode: ${name} is refused at every level of ${signal} and leaves nothing behind`, () => {
      const records = inRecord(bytes).map((record) => requestOf(record));
      for (const [level, request] of [...atEveryLevel(bytes), ...records].entries()) {
        assert.equal(decodeBehind(columns, others, request), malformed, `level ${level}`);
      }
    });
  }
}

test('decode: the ends of known fields are bounded by their message', () => {
  const cutOff = [
    [field(5, 'name'), 1],
    [fixed64Field(7, 1), 1],
    [join(tag(16, 5), Buffer.alloc(4)), 1],
    [varintField(6, 300), 1],
    [field(9, stringAttribute('k', 'v')), 1],
    [message(11, field(2, 'event')), 1],
  ] as const;
  for (const [span, missing] of cutOff) {
    const short = span.subarray(0, span.length - missing);
    assert.equal(decodeBehindOthers(requestOf(short)), malformed);
  }
});

test('decode: every start of a request is refused or taken as protobufjs does', () => {
  const whole = join(before, requestOf(join(field(1, 'id'), message(13, field(3, 'state')))));
  for (let length = 0; length <= whole.length; length++) {
    const start = Buffer.from(whole.subarray(0, length));
    let expected: number;
    try {
      expected = referenceRows(start).length;
    } catch {
      expected = malformed;
    }
    assert.equal(decodeBehindOthers(start), expected, `the first ${length} bytes`);
  }
});

function nested(levels: number, wrap: (value: Bytes) => Bytes): Bytes {
  let value: Bytes = varintField(3, 1);
  for (let level = 1; level < levels; level++) value = wrap(value);
  return value;
}

const wraps = {
  arrays: (value: Bytes) => message(5, field(1, value)),
  'lists of keys and values': (value: Bytes) => message(6, field(1, attribute('k', value))),
};

for (const [name, wrap] of Object.entries(wraps)) {
  test(`decode: ${name} are taken up to 64 levels, and refused as too deep from 65 on`, () => {
    const places = [
      (value: Bytes) => requestOf(field(9, attribute('k', value))),
      (value: Bytes) => requestOf(message(11, field(3, attribute('k', value)))),
      (value: Bytes) => requestOf(message(13, field(4, attribute('k', value)))),
      (value: Bytes) =>
        message(1, message(1, field(1, attribute('k', value))), message(2, message(2))),
      (value: Bytes) =>
        message(1, message(2, message(1, field(3, attribute('k', value))), message(2))),
    ];
    for (const place of places) {
      assert.equal(decodeBehindOthers(place(nested(64, wrap))), 1);
      assert.equal(decodeBehindOthers(place(nested(65, wrap))), tooDeep);
      assert.equal(decodeBehindOthers(place(nested(5000, wrap))), tooDeep);
    }
  });
}

test('decode: an empty value at level 65 is too deep, an empty list at level 64 is not', () => {
  const atLevel64 = (member: Bytes) => {
    let value = member;
    for (let level = 1; level < 64; level++) value = message(5, field(1, value));
    return requestOf(field(9, attribute('k', value)));
  };
  assert.equal(decodeBehindOthers(atLevel64(message(5))), 1);
  assert.equal(decodeBehindOthers(atLevel64(message(6))), 1);
  assert.equal(decodeBehindOthers(atLevel64(message(5, message(1)))), tooDeep);
});

test('decode: groups are stepped over up to 64 deep, and refused as too deep from 65 on', () => {
  const groups = (depth: number): Bytes => (depth === 0 ? noBytes : group(7, groups(depth - 1)));
  assert.equal(decodeBehindOthers(join(requestOf(noBytes), groups(64))), 1);
  assert.equal(decodeBehindOthers(join(requestOf(noBytes), groups(65))), tooDeep);
});

test('decode: a damaged value is refused even where a later one would replace it', () => {
  const damaged = join(field(5, join(tag(1, 2), varint(9))), field(1, 'later'));
  assert.equal(decodeBehindOthers(requestOf(field(9, attribute('k', damaged)))), malformed);
});
