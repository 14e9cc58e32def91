import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeResult } from '../../../src/columns/request-decoder.ts';
import { signalNumber } from '../../../src/shared/signal.ts';
import { chooseSeed, TestRandom } from '../../random.ts';
import { columnNames } from '../column-types.ts';
import { RandomLogs } from '../random-logs.ts';
import { referenceLogRows } from '../reference-log-rows.ts';
import {
  attribute,
  type Bytes,
  doubleField,
  field,
  fixed32Field,
  fixed64Field,
  join,
  message,
  noBytes,
  requestOf,
  stringAttribute,
  varintField,
} from '../wire-writer.ts';
import { DecoderHarness, plenty, type Row, receivedTime } from './decoder-harness.ts';

const { malformed, tooDeep, tooLarge } = decodeResult;
const traces = signalNumber('traces');
const logsNumber = signalNumber('logs');
const harness = new DecoderHarness('logs');

function rowOf(record: Uint8Array): Row {
  return harness.rowsOf(requestOf(record))[0]!;
}

/** Returns type and text of a body that consists of these fields of an AnyValue. */
function bodyOf(...valueFields: readonly Uint8Array[]): unknown[] {
  const row = rowOf(message(5, ...valueFields));
  return [row.body_type, row.body];
}

/** True if the request is counted as irregular. */
function isIrregular(record: Uint8Array): boolean {
  const before = harness.decoder.irregularRequestCount();
  const row = rowOf(record);
  const counts = harness.decoder.irregularRequestCount() > before;
  assert.equal(row.otlp_extra !== null, counts);
  return counts;
}

const wholeRecord = join(
  fixed64Field(1, 1_700_000_000_000_000_000n),
  varintField(2, 17),
  field(3, 'ERROR'),
  message(5, field(1, 'it "failed"')),
  field(6, attribute('status', varintField(3, 500))),
  field(6, stringAttribute('k', 'v')),
  varintField(7, 3),
  fixed32Field(8, 1),
  field(9, Buffer.from('0102030405060708090a0b0c0d0e0f10', 'hex')),
  field(10, Buffer.from('1112131415161718', 'hex')),
  fixed64Field(11, 1_700_000_000_000_000_005n),
  field(12, 'order.failed'),
);

test('logs: a record with everything fills every column', () => {
  const resource = join(field(1, stringAttribute('service.name', 'shop')), varintField(2, 9));
  const scope = join(
    field(1, 'lib'),
    field(2, '1.0'),
    field(3, stringAttribute('s', 't')),
    varintField(4, 10),
  );
  const scopeGroup = join(field(1, scope), field(2, wholeRecord), field(3, 'scope-url'));
  const request = message(1, field(1, resource), field(2, scopeGroup), field(3, 'resource-url'));
  const [row] = harness.rowsOf(request);
  assert.deepEqual(Object.keys(row!), columnNames('logs'));
  assert.deepEqual(row, {
    time: 1_700_000_000_000_000_000n,
    observed_time: 1_700_000_000_000_000_005n,
    trace_id: '0102030405060708090a0b0c0d0e0f10',
    span_id: '1112131415161718',
    service_name: 'shop',
    severity_number: 17,
    severity_text: 'ERROR',
    event_name: 'order.failed',
    body: 'it "failed"',
    body_type: 'string',
    attributes: '{"status":500,"k":"v"}',
    dropped_attributes_count: 3,
    flags: 1,
    scope_name: 'lib',
    scope_version: '1.0',
    scope_attributes: '{"s":"t"}',
    scope_dropped_attributes_count: 10,
    scope_schema_url: 'scope-url',
    resource_attributes: '{"service.name":"shop"}',
    resource_dropped_attributes_count: 9,
    resource_schema_url: 'resource-url',
    received_time: receivedTime,
    batch_id: 1n,
    resource_index: 0,
    scope_index: 0,
    otlp_extra: null,
  });
  assert.equal(isIrregular(wholeRecord), false);
});

test('logs: an empty record has NULL where nothing was said and defaults elsewhere', () => {
  assert.deepEqual(rowOf(noBytes), {
    time: null,
    observed_time: null,
    trace_id: null,
    span_id: null,
    service_name: null,
    severity_number: 0,
    severity_text: '',
    event_name: '',
    body: null,
    body_type: null,
    attributes: '{}',
    dropped_attributes_count: 0,
    flags: 0,
    scope_name: null,
    scope_version: '',
    scope_attributes: '{}',
    scope_dropped_attributes_count: 0,
    scope_schema_url: '',
    resource_attributes: null,
    resource_dropped_attributes_count: 0,
    resource_schema_url: '',
    received_time: receivedTime,
    batch_id: 1n,
    resource_index: 0,
    scope_index: 0,
    otlp_extra: null,
  });
});

test('logs: a severity number without a name is kept, negative ones too', () => {
  for (const number of [1, 24, 25, 2 ** 31 - 1, -1, -(2 ** 31)]) {
    assert.equal(rowOf(varintField(2, number)).severity_number, number);
    assert.equal(isIrregular(varintField(2, number)), false);
  }
  assert.equal(rowOf(varintField(2, 2n ** 32n + 9n)).severity_number, 9);
});

test('logs: times that do not fit are NULL and irregular', () => {
  const greatest = 2n ** 63n - 2n;
  for (const [number, column] of [
    [1, 'time'],
    [11, 'observed_time'],
  ] as const) {
    assert.equal(rowOf(fixed64Field(number, greatest))[column], greatest);
    assert.equal(rowOf(fixed64Field(number, greatest + 1n))[column], null);
    assert.equal(isIrregular(fixed64Field(number, greatest)), false);
    assert.equal(isIrregular(fixed64Field(number, greatest + 1n)), true);
  }
});

/** Regular bodies: the columns body and body_type represent them completely. */
const bodies: readonly [name: string, value: Bytes, type: string, text: string | null][] = [
  ['a string', field(1, 'hello'), 'string', 'hello'],
  ['an empty string', field(1, ''), 'string', ''],
  ['a string that looks like JSON', field(1, '{"a":1}'), 'string', '{"a":1}'],
  ['quotes, controls and characters', field(1, '"\\\n\u0001€😀'), 'string', '"\\\n\u0001€😀'],
  ['true', varintField(2, 1), 'bool', 'true'],
  ['false', varintField(2, 0), 'bool', 'false'],
  ['an int', varintField(3, -5), 'int', '-5'],
  ['the greatest int', varintField(3, 2n ** 63n - 1n), 'int', '9223372036854775807'],
  ['a double', doubleField(4, 0.1), 'double', '0.1'],
  ['a whole double', doubleField(4, 200), 'double', '200.0'],
  ['the double -0', doubleField(4, -0), 'double', '-0.0'],
  ['NaN', doubleField(4, NaN), 'double', '"NaN"'],
  ['Infinity', doubleField(4, Infinity), 'double', '"Infinity"'],
  ['-Infinity', doubleField(4, -Infinity), 'double', '"-Infinity"'],
  ['bytes', field(7, 'bytes'), 'bytes', '"Ynl0ZXM="'],
  ['no bytes', field(7, ''), 'bytes', '""'],
  ['an empty array', message(5), 'array', '[]'],
  ['an empty list of keys and values', message(6), 'kvlist', '{}'],
  [
    'an array',
    message(5, message(1, field(1, 'a')), message(1), message(1, varintField(3, 1))),
    'array',
    '["a",null,1]',
  ],
  [
    'a list of keys and values',
    message(6, field(1, stringAttribute('k', 'v')), field(1, attribute('k', doubleField(4, 1)))),
    'kvlist',
    '{"k":"v","k":1.0}',
  ],
  ['a value without a member', noBytes, 'empty', null],
];

for (const [name, value, type, text] of bodies) {
  test(`body: ${name} is ${text} of type ${type}, and regular`, () => {
    assert.deepEqual(bodyOf(value), [type, text]);
    assert.equal(isIrregular(field(5, value)), false);
  });
}

test('body: rows of every type in one batch keep what is theirs, and NULL is not empty', () => {
  const values = bodies.map(([, value]) => field(5, value));
  const expected = bodies.map(([, , type, text]) => [type, text]);
  for (let first = 0; first < 20; first++) {
    const records = [...values.slice(first), noBytes, ...values, values[0]!];
    const rows = harness.rowsOf(requestOf(...records));
    const found = rows.map((row) => [row.body_type, row.body]);
    assert.deepEqual(found, [...expected.slice(first), [null, null], ...expected, expected[0]]);
  }
});

const irregularBodies: readonly [name: string, value: Bytes, type: string, text: string | null][] =
  [
    ['text that is not UTF-8', field(1, Buffer.from([0x61, 0xff])), 'string', 'a\ufffd'],
    ['bytes in an array', message(5, message(1, field(7, 'x'))), 'array', '["eA=="]'],
    ['NaN in an array', message(5, message(1, doubleField(4, NaN))), 'array', '["NaN"]'],
    [
      'bytes in a list',
      message(6, field(1, attribute('k', field(7, 'x')))),
      'kvlist',
      '{"k":"eA=="}',
    ],
    ['a key without a value', message(6, message(1, field(1, 'k'))), 'kvlist', '{"k":null}'],
    ['an index of a string', varintField(8, 3), 'empty', null],
    ['an index behind a string', join(field(1, 'a'), varintField(8, 3)), 'empty', null],
    ['a string behind an index', join(varintField(8, 3), field(1, 'a')), 'string', 'a'],
    ['two strings', join(field(1, 'a longer one'), field(1, 'b')), 'string', 'b'],
    ['a string behind a double', join(doubleField(4, NaN), field(1, 'b')), 'string', 'b'],
    ['an empty string behind an int', join(varintField(3, 5), field(1, '')), 'string', ''],
    ['bytes behind an array', join(message(5), field(7, 'x')), 'bytes', '"eA=="'],
    [
      'two arrays',
      join(message(5, message(1, varintField(3, 1))), message(5, message(1, field(1, 'a')))),
      'array',
      '[1,"a"]',
    ],
    [
      'two arrays with a string between',
      join(message(5, message(1)), field(1, 'x'), message(5, message(1, varintField(3, 2)))),
      'array',
      '[2]',
    ],
    ['an unknown field', join(varintField(99, 1), field(1, 'a')), 'string', 'a'],
  ];

for (const [name, value, type, text] of irregularBodies) {
  test(`body: ${name}: ${text} of type ${type}, and irregular`, () => {
    assert.deepEqual(bodyOf(value), [type, text]);
    assert.equal(isIrregular(field(5, value)), true);
  });
}

test('body: one given twice is one body, whatever stands between', () => {
  const array = message(5, message(5, message(1, varintField(3, 1))));
  const twice: readonly [Bytes, unknown, unknown][] = [
    [join(message(5, field(1, 'first')), message(5, field(1, 'b'))), 'string', 'b'],
    [join(message(5, field(1, 'first')), message(5)), 'string', 'first'],
    [join(message(5), message(5)), 'empty', null],
    [join(message(5), message(5, field(1, ''))), 'string', ''],
    [join(array, field(6, stringAttribute('k', 'v')), array), 'array', '[1,1]'],
    [join(array, message(5), field(12, 'event'), array), 'array', '[1,1]'],
  ];
  for (const [record, type, text] of twice) {
    const row = rowOf(record);
    assert.deepEqual([row.body_type, row.body], [type, text]);
    assert.equal(isIrregular(record), true);
  }
});

test('body: values are taken up to 64 levels, the body being the first', () => {
  const nested = (levels: number, wrap: (value: Bytes) => Bytes): Bytes =>
    levels === 1 ? varintField(3, 1) : wrap(nested(levels - 1, wrap));
  const inArray = (value: Bytes) => message(5, field(1, value));
  const inList = (value: Bytes) => message(6, field(1, attribute('k', value)));
  assert.deepEqual(bodyOf(nested(64, inArray)), ['array', `${'['.repeat(63)}1${']'.repeat(63)}`]);
  for (const wrap of [inArray, inList]) {
    harness.reset();
    assert.equal(harness.decode(requestOf(field(5, nested(64, wrap)))), 1);
    assert.equal(harness.decode(requestOf(field(5, nested(65, wrap)))), tooDeep);
    assert.equal(harness.decode(requestOf(field(5, nested(5000, wrap)))), tooDeep);
  }
});

const repeated: readonly [name: string, record: Bytes, column: string, value: unknown][] = [
  ['time', join(fixed64Field(1, 5), fixed64Field(1, 6)), 'time', 6n],
  ['observed time', join(fixed64Field(11, 5), fixed64Field(11, 6)), 'observed_time', 6n],
  ['trace_id, emptied', join(field(9, 'aa'), field(9, '')), 'trace_id', null],
  ['span_id', join(field(10, 'aa'), field(10, 'b')), 'span_id', '62'],
  ['severity number', join(varintField(2, 5), varintField(2, 9)), 'severity_number', 9],
  ['severity text', join(field(3, 'long first'), field(3, 'x')), 'severity_text', 'x'],
  ['event name', join(field(12, 'long first'), field(12, '')), 'event_name', ''],
  ['dropped count', join(varintField(7, 5), varintField(7, 6)), 'dropped_attributes_count', 6],
  ['flags', join(fixed32Field(8, 5), fixed32Field(8, 6)), 'flags', 6],
];

for (const [name, record, column, value] of repeated) {
  test(`logs: of a repeated ${name} the last one stands, and it is irregular`, () => {
    assert.equal(rowOf(record)[column], value);
    assert.equal(isIrregular(record), true);
  });
}

test('logs: the field that was reserved once is unknown, and irregular', () => {
  assert.equal(isIrregular(field(4, 'name')), true);
  assert.equal(rowOf(join(field(4, 'name'), field(3, 'INFO'))).severity_text, 'INFO');
});

test('logs: every start of a request is refused or taken as protobufjs does', () => {
  const whole = join(requestOf(wholeRecord), requestOf(message(5, message(6, message(1)))));
  for (let length = 0; length <= whole.length; length++) {
    const start = Buffer.from(whole.subarray(0, length));
    let expected: number;
    try {
      expected = referenceLogRows(start).length;
    } catch {
      expected = malformed;
    }
    harness.reset();
    assert.equal(harness.decode(start), expected, `the first ${length} bytes`);
  }
});

test('stats: records that were only observed leave no mark in the times', () => {
  harness.reset();
  const { decoder } = harness;
  assert.equal(harness.decode(requestOf(fixed64Field(11, 5), noBytes)), 2);
  assert.deepEqual([decoder.firstTime(logsNumber), decoder.lastTime(logsNumber)], [0n, 0n]);
  const times = [fixed64Field(1, 30), fixed64Field(11, 5), fixed64Field(1, 20)];
  assert.equal(harness.decode(requestOf(...times)), 3);
  assert.deepEqual([decoder.firstTime(logsNumber), decoder.lastTime(logsNumber)], [20n, 30n]);
});

const MiB = 1024 * 1024;

/**
 * Requests that grow far beyond their own size. None may take much more memory than the limit
 * allows.
 */
const swelling: Readonly<Record<string, Bytes>> = {
  'empty records': message(1, message(2, Buffer.alloc(8 * MiB, message(2)))),
  'a body that is not UTF-8': requestOf(message(5, field(1, Buffer.alloc(20 * MiB, 0xff)))),
  'empty elements of a body': requestOf(message(5, field(5, Buffer.alloc(16 * MiB, message(1))))),
  'a body of bytes': requestOf(message(5, field(7, Buffer.alloc(14 * MiB, 1)))),
};

for (const [name, request] of Object.entries(swelling)) {
  test(`limit: ${name} are refused before they fill the memory`, () => {
    const columns = new DecoderHarness('logs');
    const limit = 16 * MiB;
    const before = columns.decoder.memory.buffer.byteLength + 2 * request.length;
    assert.equal(columns.decode(request, limit), tooLarge);
    assert.deepEqual(columns.rows(), []);
    const grown = columns.decoder.memory.buffer.byteLength - before;
    assert.ok(grown < 3 * limit, `${grown} bytes more`);
  });
}

test('signals: batches of two signals are held side by side, and reset apart', (t) => {
  const seed = chooseSeed();
  t.diagnostic(`SEED=${seed}`);
  const logs = new RandomLogs(new TestRandom(seed), { irregularity: 0.02 });
  const { decoder } = harness;
  harness.reset();
  decoder.reset(traces);
  const address = decoder.reserve(1024);
  const span = requestOf(field(5, 'a span'));
  decoder.bytes.set(span, address);
  const requests = Array.from({ length: 20 }, () => logs.request());
  for (const request of requests) {
    assert.ok(harness.decode(request) >= 0);
    assert.equal(decoder.decode(traces, address, span.length, receivedTime, 1n, plenty), 1);
  }
  const expected = requests.flatMap((request, i) => referenceLogRows(request, BigInt(i + 1)));
  assert.equal(decoder.rows(traces), 20);
  assert.deepEqual(harness.rows(), expected);
  decoder.reset(traces);
  assert.deepEqual(harness.rows(), expected);
});
