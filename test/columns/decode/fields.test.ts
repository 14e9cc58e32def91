import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnNames } from '../column-types.ts';
import {
  attribute,
  type Bytes,
  doubleField,
  field,
  fixed32Field,
  fixed64Field,
  group,
  join,
  longVarint,
  message,
  noBytes,
  requestOf,
  stringAttribute,
  tag,
  varint,
  varintField,
} from '../wire-writer.ts';
import { DecoderHarness, type Row, receivedTime } from './decoder-harness.ts';

const harness = new DecoderHarness();

function rowOf(span: Uint8Array): Row {
  return harness.rowsOf(requestOf(span))[0]!;
}

/**
 * Returns the attributes column of a span with one attribute, which consists of these fields of a
 * KeyValue.
 */
function attributeText(...keyValueFields: readonly Uint8Array[]): unknown {
  return rowOf(message(9, ...keyValueFields)).attributes;
}

/** Returns the same for an attribute "k" whose AnyValue consists of these fields. */
function valueText(...valueFields: readonly Uint8Array[]): unknown {
  const text = attributeText(field(1, 'k'), message(2, ...valueFields)) as string;
  return text.slice('{"k":'.length, -1);
}

/** True if the request is counted as irregular. */
function isIrregular(request: Uint8Array): boolean {
  const before = harness.decoder.irregularRequestCount();
  harness.rowsOf(request);
  return harness.decoder.irregularRequestCount() > before;
}

/** Wraps a value in array values, `levels` times. */
function nestedArrays(levels: number, value: Bytes): Bytes {
  return levels === 0 ? value : message(5, message(1, nestedArrays(levels - 1, value)));
}

const wholeSpan = join(
  field(1, Buffer.from('0102030405060708090a0b0c0d0e0f10', 'hex')),
  field(2, Buffer.from('1112131415161718', 'hex')),
  field(3, 'vendor=1'),
  field(4, Buffer.from('2122232425262728', 'hex')),
  field(5, 'GET /'),
  varintField(6, 2),
  fixed64Field(7, 1_700_000_000_000_000_000n),
  fixed64Field(8, 1_700_000_000_000_000_250n),
  field(9, attribute('status', varintField(3, 200))),
  field(9, attribute('score', doubleField(4, 200))),
  varintField(10, 1),
  message(
    11,
    fixed64Field(1, 5),
    field(2, 'e'),
    field(3, stringAttribute('a', 'b')),
    varintField(4, 6),
  ),
  message(11),
  varintField(12, 2),
  message(
    13,
    field(1, Buffer.from('ff', 'hex')),
    field(2, Buffer.from('abcd', 'hex')),
    field(3, 'x=y'),
    field(4, attribute('t', varintField(2, 1))),
    varintField(5, 7),
    fixed32Field(6, 8),
  ),
  varintField(14, 3),
  message(15, field(2, 'bad'), varintField(3, 2)),
  fixed32Field(16, 0x301),
);

test('decode: a span with everything fills every column', () => {
  const resource = join(field(1, stringAttribute('service.name', 'shop')), varintField(2, 9));
  const scope = join(
    field(1, 'lib'),
    field(2, '1.0'),
    field(3, stringAttribute('s', 't')),
    varintField(4, 10),
  );
  const scopeGroup = join(field(1, scope), field(2, wholeSpan), field(3, 'scope-url'));
  const request = message(1, field(1, resource), field(2, scopeGroup), field(3, 'resource-url'));
  const [row] = harness.rowsOf(request);
  assert.deepEqual(Object.keys(row!), columnNames('traces'));
  assert.deepEqual(row, {
    start_time: 1_700_000_000_000_000_000n,
    end_time: 1_700_000_000_000_000_250n,
    duration_ns: 250n,
    trace_id: '0102030405060708090a0b0c0d0e0f10',
    span_id: '1112131415161718',
    parent_span_id: '2122232425262728',
    service_name: 'shop',
    name: 'GET /',
    kind: 'SERVER',
    status_code: 'ERROR',
    status_message: 'bad',
    attributes: '{"status":200,"score":200.0}',
    events: [
      { time: 5n, name: 'e', attributes: '{"a":"b"}', dropped_attributes_count: 6 },
      { time: null, name: '', attributes: '{}', dropped_attributes_count: 0 },
    ],
    links: [
      {
        trace_id: 'ff',
        span_id: 'abcd',
        trace_state: 'x=y',
        attributes: '{"t":true}',
        dropped_attributes_count: 7,
        flags: 8,
      },
    ],
    trace_state: 'vendor=1',
    flags: 0x301,
    dropped_attributes_count: 1,
    dropped_events_count: 2,
    dropped_links_count: 3,
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
  assert.equal(isIrregular(request), false);
});

test('decode: an empty span has NULL where nothing was said and defaults elsewhere', () => {
  assert.deepEqual(rowOf(noBytes), {
    start_time: null,
    end_time: null,
    duration_ns: 0n,
    trace_id: null,
    span_id: null,
    parent_span_id: null,
    service_name: null,
    name: '',
    kind: 'UNSPECIFIED',
    status_code: null,
    status_message: '',
    attributes: '{}',
    events: [],
    links: [],
    trace_state: '',
    flags: 0,
    dropped_attributes_count: 0,
    dropped_events_count: 0,
    dropped_links_count: 0,
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

test('decode: messages that are there but empty are told from messages that are not', () => {
  const scopeGroup = join(message(1), message(2, message(15)));
  const [row] = harness.rowsOf(message(1, message(1), field(2, scopeGroup)));
  assert.equal(row!.status_code, 'UNSET');
  assert.equal(row!.scope_name, '');
  assert.equal(row!.resource_attributes, '{}');
});

test('decode: a request without spans has no rows', () => {
  for (const request of [noBytes, message(1), message(1, message(2)), message(1, message(1))]) {
    assert.deepEqual(harness.rowsOf(request), []);
  }
});

test('decode: empty groups count in the indexes of the others', () => {
  const scopeGroups = join(message(2), message(2, message(2), message(2)), message(2, message(2)));
  const rows = harness.rowsOf(join(message(1), message(1, scopeGroups), message(1, scopeGroups)));
  const indexes = rows.map((row) => [row.resource_index, row.scope_index]);
  assert.deepEqual(indexes, [
    [1, 1],
    [1, 1],
    [1, 2],
    [2, 1],
    [2, 1],
    [2, 2],
  ]);
});

test('decode: resource, scope and schema URLs count wherever they stand in their group', () => {
  const scopeGroup = join(message(2), field(3, 'su'), message(1, field(1, 'lib')), message(2));
  const resource = message(1, field(1, stringAttribute('service.name', 'late')));
  const rows = harness.rowsOf(message(1, field(3, 'ru'), field(2, scopeGroup), resource));
  assert.equal(rows.length, 2);
  for (const row of rows) {
    assert.equal(row.scope_name, 'lib');
    assert.equal(row.scope_schema_url, 'su');
    assert.equal(row.service_name, 'late');
    assert.equal(row.resource_schema_url, 'ru');
  }
});

test('decode: ids have any length', () => {
  for (const length of [0, 1, 7, 15, 16, 17, 33, 100]) {
    const id = Buffer.from(Array.from({ length }, (_, i) => (i * 37 + 0x9a) & 0xff));
    const row = rowOf(join(field(1, id), field(2, id), field(4, id), message(13, field(1, id))));
    const text = length === 0 ? null : id.toString('hex');
    assert.deepEqual([row.trace_id, row.span_id, row.parent_span_id], [text, text, text]);
    assert.equal((row.links as Row[])[0]!.trace_id, text);
  }
});

test('decode: enum numbers without a name are decimal text, negative ones too', () => {
  const texts = [0n, 5n, 6n, 2147483647n, -1n, -2147483648n, 2n ** 32n + 1n].map((number) => {
    const row = rowOf(join(varintField(6, number), message(15, varintField(3, number))));
    return [row.kind, row.status_code];
  });
  assert.deepEqual(texts, [
    ['UNSPECIFIED', 'UNSET'],
    ['CONSUMER', '5'],
    ['6', '6'],
    ['2147483647', '2147483647'],
    ['-1', '-1'],
    ['-2147483648', '-2147483648'],
    ['INTERNAL', 'OK'],
  ]);
});

test('decode: a uint32 is the low half of its varint', () => {
  assert.equal(rowOf(varintField(10, 2n ** 40n + 7n)).dropped_attributes_count, 7);
  assert.equal(rowOf(varintField(10, -1n)).dropped_attributes_count, 0xffffffff);
  assert.equal(rowOf(join(tag(10, 0), longVarint(5, 10))).dropped_attributes_count, 5);
});

test('decode: times that do not fit are NULL, and then there is no duration', () => {
  const greatest = 2n ** 63n - 2n;
  const fits = rowOf(join(fixed64Field(7, 1), fixed64Field(8, greatest)));
  assert.deepEqual([fits.start_time, fits.end_time], [1n, greatest]);
  assert.equal(fits.duration_ns, greatest - 1n);
  for (const time of [greatest + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
    const span = join(fixed64Field(7, 1), fixed64Field(8, time));
    assert.equal(rowOf(span).end_time, null);
    assert.equal(rowOf(span).duration_ns, 0n);
    assert.equal(isIrregular(requestOf(span)), true);
  }
});

test('decode: a duration may be negative', () => {
  assert.equal(rowOf(join(fixed64Field(7, 10), fixed64Field(8, 3))).duration_ns, -7n);
});

test('values: every kind inside every kind', () => {
  const members = [
    field(1, 's'),
    varintField(2, 1),
    varintField(3, -5),
    doubleField(4, 1.5),
    field(7, 'bytes'),
    message(5),
    message(6),
    noBytes,
  ];
  const texts = ['"s"', 'true', '-5', '1.5', '"Ynl0ZXM="', '[]', '{}', 'null'];
  const elements = members.map((member) => field(1, member));
  assert.equal(valueText(message(5, ...elements)), `[${texts.join(',')}]`);
  const pairs = members.map((member) => field(1, attribute('x', member)));
  assert.equal(
    valueText(message(6, ...pairs)),
    `{${texts.map((text) => `"x":${text}`).join(',')}}`,
  );
});

test('attributes: equal keys are all written, in order', () => {
  const span = join(field(9, stringAttribute('k', 'a')), field(9, stringAttribute('k', 'b')));
  assert.equal(rowOf(span).attributes, '{"k":"a","k":"b"}');
});

test('attributes: a KeyValue without a value is null and irregular; an empty value is null', () => {
  assert.equal(attributeText(field(1, 'k')), '{"k":null}');
  assert.equal(attributeText(field(1, 'k'), message(2)), '{"k":null}');
  assert.equal(attributeText(), '{"":null}');
  assert.equal(isIrregular(requestOf(message(9, field(1, 'k')))), true);
  assert.equal(isIrregular(requestOf(message(9, field(1, 'k'), message(2)))), false);
});

test('attributes: the value may come before the key, and the key may be missing', () => {
  assert.equal(attributeText(message(2, field(1, 'v')), field(1, 'k')), '{"k":"v"}');
  assert.equal(attributeText(message(2, field(1, 'v'))), '{"":"v"}');
  assert.equal(isIrregular(requestOf(message(9, message(2, field(1, 'v'))))), false);
});

test('attributes: those that come again and again keep their text', () => {
  const known = field(9, stringAttribute('http.request.method', 'GET'));
  const other = field(9, stringAttribute('http.request.method', 'PUT'));
  const spans = [known, join(known, other), join(other, known, known), other, known].map((span) =>
    field(2, span),
  );
  const get = '"http.request.method":"GET"';
  const put = '"http.request.method":"PUT"';
  for (let times = 0; times < 3; times++) {
    const rows = harness.rowsOf(message(1, message(2, ...spans)));
    assert.deepEqual(
      rows.map((row) => row.attributes),
      [`{${get}}`, `{${get},${put}}`, `{${put},${get},${get}}`, `{${put}}`, `{${get}}`],
    );
  }
});

test('attributes: irregular ones count each time they come', () => {
  const request = requestOf(field(9, stringAttribute('a rather long key', Buffer.from([0xff]))));
  for (let times = 0; times < 4; times++) assert.equal(isIrregular(request), true);
});

test('service_name: the first attribute counts, if it is a string', () => {
  const serviceName = (...attributes: readonly Uint8Array[]) => {
    const resource = message(1, ...attributes.map((content) => field(1, content)));
    return harness.rowsOf(message(1, resource, message(2, message(2))))[0]!.service_name;
  };
  const shop = stringAttribute('service.name', 'shop');
  const number = attribute('service.name', varintField(3, 1));
  assert.equal(
    serviceName(stringAttribute('a', 'b'), shop, stringAttribute('service.name', 'x')),
    'shop',
  );
  assert.equal(serviceName(number, shop), null);
  assert.equal(serviceName(join(message(2, field(1, 'first')), field(1, 'service.name'))), 'first');
  assert.equal(serviceName(stringAttribute('service.name', '')), '');
  assert.equal(serviceName(stringAttribute('service.names', 'x')), null);
  assert.equal(serviceName(attribute('service.name', message(5, message(1, field(1, 'x'))))), null);
  assert.equal(serviceName(stringAttribute('service.name', Buffer.from([0x61, 0xff]))), 'a\ufffd');
  assert.equal(serviceName(join(shop, message(2, field(1, 'merged')))), 'merged');
});

const repeated: readonly [name: string, span: Bytes, column: string, value: unknown][] = [
  ['trace_id', join(field(1, 'aa'), field(1, 'b')), 'trace_id', '62'],
  ['trace_id, emptied', join(field(1, 'aa'), field(1, '')), 'trace_id', null],
  ['name', join(field(5, 'long first'), field(5, 'x')), 'name', 'x'],
  ['kind', join(varintField(6, 2), varintField(6, 3)), 'kind', 'CLIENT'],
  ['start time', join(fixed64Field(7, 5), fixed64Field(7, 6)), 'start_time', 6n],
  ['flags', join(fixed32Field(16, 5), fixed32Field(16, 6)), 'flags', 6],
  ['dropped links', join(varintField(14, 5), varintField(14, 6)), 'dropped_links_count', 6],
];

for (const [name, span, column, value] of repeated) {
  test(`decode: of a repeated ${name} the last one stands, and it is irregular`, () => {
    assert.equal(rowOf(span)[column], value);
    assert.equal(isIrregular(requestOf(span)), true);
  });
}

test('decode: a second Status is merged with the first', () => {
  const span = join(message(15, field(2, 'm'), varintField(3, 2)), message(15, varintField(3, 1)));
  assert.deepEqual([rowOf(span).status_code, rowOf(span).status_message], ['OK', 'm']);
  assert.equal(rowOf(join(message(15, varintField(3, 2)), message(15))).status_code, 'ERROR');
  assert.equal(isIrregular(requestOf(span)), true);
});

test('decode: a second Resource and a second scope are merged with the first', () => {
  const resources = join(
    message(1, field(1, stringAttribute('a', '1')), varintField(2, 3)),
    message(1, field(1, stringAttribute('b', '2'))),
  );
  const scopes = join(
    message(1, field(1, 'lib'), field(3, stringAttribute('c', '3'))),
    message(1, field(2, '2.0'), field(3, stringAttribute('d', '4'))),
  );
  const request = message(1, resources, message(2, scopes, message(2)));
  const [row] = harness.rowsOf(request);
  assert.equal(row!.resource_attributes, '{"a":"1","b":"2"}');
  assert.equal(row!.resource_dropped_attributes_count, 3);
  assert.deepEqual([row!.scope_name, row!.scope_version], ['lib', '2.0']);
  assert.equal(row!.scope_attributes, '{"c":"3","d":"4"}');
  assert.equal(isIrregular(request), true);
});

test('values: of a oneof the last member stands; lists in a row are one list', () => {
  const one = message(5, message(1, varintField(3, 1)));
  const two = message(5, message(1, varintField(3, 2)));
  const pairs = message(6, field(1, stringAttribute('x', 'y')));
  assert.equal(valueText(field(1, 'a'), field(1, 'b')), '"b"');
  assert.equal(valueText(field(1, 'a'), varintField(3, 4)), '4');
  assert.equal(valueText(one, two), '[1,2]');
  assert.equal(valueText(message(5), two), '[2]');
  assert.equal(valueText(one, field(1, 'between'), two), '[2]');
  assert.equal(valueText(pairs, pairs), '{"x":"y","x":"y"}');
  assert.equal(valueText(pairs, one), '[1]');
  assert.equal(isIrregular(requestOf(field(9, attribute('k', join(one, two))))), true);
});

test('values: a value given twice is one value', () => {
  const one = message(5, message(1, varintField(3, 1)));
  assert.equal(attributeText(field(1, 'k'), field(2, one), field(2, one)), '{"k":[1,1]}');
  assert.equal(attributeText(field(2, one), field(1, 'k'), message(2)), '{"k":[1]}');
  assert.equal(attributeText(field(1, 'a'), field(2, one), field(1, 'b')), '{"b":[1]}');
  assert.equal(attributeText(message(2), field(1, 'k'), message(2)), '{"k":null}');
});

test('values: an index into the string table of profiles is null and irregular', () => {
  assert.equal(valueText(varintField(8, 3)), 'null');
  assert.equal(isIrregular(requestOf(field(9, attribute('k', varintField(8, 3))))), true);
});

test('values: nested 64 levels deep are kept; the value of an attribute is the first level', () => {
  const text = valueText(nestedArrays(63, varintField(3, 1)));
  assert.equal(text, `${'['.repeat(63)}1${']'.repeat(63)}`);
});

const strangers: readonly [name: string, field: Bytes][] = [
  ['a varint', varintField(99, 5)],
  ['64 bits', fixed64Field(99, 5)],
  ['32 bits', fixed32Field(99, 5)],
  ['bytes', field(99, 'hidden')],
  ['a field with the greatest number', varintField(2 ** 29 - 1, 1)],
  ['a group', group(99, varintField(1, 5), field(2, 'x'), group(1, group(1)))],
];

for (const [name, stranger] of strangers) {
  test(`decode: ${name} that no message has is stepped over, and irregular`, () => {
    const span = requestOf(field(5, 'x'));
    const plain = harness.rowsOf(span);
    const anyValue = message(2, stranger, field(1, 'v'));
    const levels: readonly Bytes[] = [
      join(stranger, span),
      message(1, stranger, message(2, message(2, field(5, 'x')))),
      message(1, message(2, stranger, message(2, field(5, 'x')))),
      message(1, message(2, message(2, stranger, field(5, 'x')))),
    ];
    for (const request of levels) {
      const [row] = harness.rowsOf(request);
      assert.deepEqual([{ ...row, otlp_extra: null }], plain);
      assert.equal(isIrregular(request), true);
    }
    assert.equal(attributeText(stranger, field(1, 'k'), anyValue), '{"k":"v"}');
    assert.equal(attributeText(field(1, 'k'), message(2, field(1, 'v')), stranger), '{"k":"v"}');
    assert.equal(rowOf(message(15, stranger, varintField(3, 1))).status_code, 'OK');
    assert.equal((rowOf(message(11, stranger, field(2, 'e'))).events as Row[])[0]!.name, 'e');
    assert.equal((rowOf(message(13, stranger, field(3, 's'))).links as Row[])[0]!.trace_state, 's');
  });
}

test('decode: tags and lengths may be written longer than they need', () => {
  const span = join(longVarint((5 << 3) | 2, 5), longVarint(3, 9), Buffer.from('abc'));
  assert.equal(rowOf(span).name, 'abc');
  assert.equal(isIrregular(requestOf(span)), false);
  assert.equal(rowOf(join(varint((5 << 3) | 2), longVarint(0, 10))).name, '');
});
