import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeResult } from '../../../src/columns/request-decoder.ts';
import { type MetricType, packed, points } from '../metric-writer.ts';
import {
  attribute,
  type Bytes,
  doubleField,
  field,
  fixed64Field,
  join,
  message,
  noBytes,
  requestOf,
  stringAttribute,
  tag,
  varint,
  varintField,
} from '../wire-writer.ts';
import { DecoderHarness, type Row } from './decoder-harness.ts';

const { malformed } = decodeResult;
const harness = new DecoderHarness('metrics');

/** Returns the rows of the points of one Metric. */
function rowsOf(type: MetricType, ...contents: readonly Uint8Array[]): Row[] {
  return harness.rowsOf(requestOf(points(type, ...contents)));
}

/** Returns the given columns of one point. */
function columns(names: readonly string[], type: MetricType, ...fields: readonly Uint8Array[]) {
  const row = rowsOf(type, join(...fields))[0]!;
  return Object.fromEntries(names.map((name) => [name, row[name]]));
}

function isIrregular(type: MetricType, ...fields: readonly Uint8Array[]): boolean {
  return rowsOf(type, join(...fields))[0]!.otlp_extra !== null;
}

/** Encodes a sint32 as protobuf does. */
function zigzag(number: number): bigint {
  return BigInt.asUintN(32, BigInt((number << 1) ^ (number >> 31)));
}

const valueColumns = ['value', 'value_type', 'value_int'];
const times = join(fixed64Field(2, 10), fixed64Field(3, 20));

test('point: times, attributes and flags of every kind', () => {
  const numbers: Readonly<Record<MetricType, readonly [attributes: number, flags: number]>> = {
    gauge: [7, 8],
    sum: [7, 8],
    histogram: [9, 10],
    exponential_histogram: [1, 10],
    summary: [7, 8],
  };
  for (const [type, [attributes, flags]] of Object.entries(numbers)) {
    const names = ['start_time', 'time', 'attributes', 'flags', 'otlp_extra'];
    const keyValue = field(attributes, stringAttribute('k', 'v'));
    const no = varintField(flags, 1);
    assert.deepEqual(columns(names, type as MetricType, no, keyValue, times, keyValue), {
      start_time: 10n,
      time: 20n,
      attributes: '{"k":"v","k":"v"}',
      flags: 1,
      otlp_extra: null,
    });
  }
});

test('number: an int is exact, and a double for convenience', () => {
  for (const int of [0n, 1n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]) {
    assert.deepEqual(columns(valueColumns, 'sum', fixed64Field(6, int)), {
      value: Number(int),
      value_type: 'int',
      value_int: int,
    });
  }
});

test('number: a double is kept bit for bit, and no int', () => {
  for (const double of [0, -0, 0.1, 1e300, NaN, Infinity, -Infinity]) {
    assert.deepEqual(columns(valueColumns, 'gauge', doubleField(4, double)), {
      value: double,
      value_type: 'double',
      value_int: 0n,
    });
    assert.equal(isIrregular('gauge', doubleField(4, double)), false);
  }
});

test('number: without a value there is none, as flags may say', () => {
  const missing = { value: null, value_type: null, value_int: 0n };
  const names = [...valueColumns, 'flags'];
  assert.deepEqual(columns(names, 'gauge', varintField(8, 1)), { ...missing, flags: 1 });
  assert.deepEqual(columns(valueColumns, 'sum'), missing);
});

test('number: of two values the last one stands, and the point is irregular', () => {
  const int = fixed64Field(6, 7);
  const double = doubleField(4, 2.5);
  const asDouble = { value: 2.5, value_type: 'double', value_int: 0n };
  const asInt = { value: 7, value_type: 'int', value_int: 7n };
  assert.deepEqual(columns(valueColumns, 'gauge', int, double), asDouble);
  assert.deepEqual(columns(valueColumns, 'gauge', double, int), asInt);
  assert.deepEqual(columns(valueColumns, 'gauge', int, double, int), asInt);
  assert.equal(isIrregular('gauge', int, double), true);
  assert.equal(isIrregular('gauge', double, double), true);
});

test('number: points of all kinds in one batch keep what is theirs', () => {
  const kinds: readonly [Bytes, unknown][] = [
    [doubleField(4, 0), [0, 'double', 0n]],
    [fixed64Field(6, -3), [-3, 'int', -3n]],
    [noBytes, [null, null, 0n]],
  ];
  const order = Array.from({ length: 100 }, (_, i) => kinds[(i * i + (i >> 3)) % 3]!);
  const rows = rowsOf('sum', ...order.map(([content]) => content));
  const found = rows.map((row) => valueColumns.map((name) => row[name]));
  assert.deepEqual(
    found,
    order.map(([, expected]) => expected),
  );
});

const distribution = ['count', 'sum', 'min', 'max', 'bucket_counts', 'explicit_bounds'];

const wholeHistogram = [
  fixed64Field(4, 6),
  doubleField(5, 12.5),
  doubleField(11, 0.5),
  doubleField(12, 8),
];
const wholeRow = { count: 6n, sum: 12.5, min: 0.5, max: 8 };

test('histogram: buckets packed, one by one, or both', () => {
  const counts = (...all: bigint[]) => field(6, packed(...all));
  const count = (one: bigint) => fixed64Field(6, one);
  const bounds = (...all: number[]) => field(7, packed(...all));
  const greatest = 2n ** 64n - 1n;
  const expected = { bucket_counts: [1n, greatest, 3n], explicit_bounds: [-0, 2.5], ...wholeRow };
  for (const buckets of [
    [counts(1n, greatest, 3n), bounds(-0, 2.5)],
    [count(1n), doubleField(7, -0), count(greatest), doubleField(7, 2.5), count(3n)],
    [counts(1n), bounds(), counts(), count(greatest), bounds(-0), counts(3n), bounds(2.5)],
  ]) {
    const fields = [...wholeHistogram, ...buckets];
    assert.deepEqual(columns(distribution, 'histogram', ...fields), expected);
    assert.equal(isIrregular('histogram', ...fields), false);
  }
});

test('histogram: sum, min and max are NULL unless they are there, even as 0', () => {
  assert.deepEqual(columns(distribution, 'histogram'), {
    count: 0n,
    sum: null,
    min: null,
    max: null,
    bucket_counts: [],
    explicit_bounds: [],
  });
  const zeros = [doubleField(5, 0), doubleField(11, 0), doubleField(12, 0)];
  const names = ['sum', 'min', 'max'];
  assert.deepEqual(columns(names, 'histogram', ...zeros), { sum: 0, min: 0, max: 0 });
  const exponential = [doubleField(5, 0), doubleField(12, 0), doubleField(13, 0)];
  const found = columns(names, 'exponential_histogram', ...exponential);
  assert.deepEqual(found, { sum: 0, min: 0, max: 0 });
});

test('histogram: packed numbers of a broken length are refused', () => {
  for (const bytes of [1, 7, 9, 15]) {
    for (const number of [6, 7]) {
      const request = requestOf(points('histogram', field(number, Buffer.alloc(bytes))));
      harness.reset();
      assert.equal(harness.decode(request), malformed);
    }
  }
});

const exponential = [
  'scale',
  'zero_count',
  'zero_threshold',
  'positive_offset',
  'positive_bucket_counts',
  'negative_offset',
  'negative_bucket_counts',
];

test('exponential histogram: buckets packed, one by one, or both', () => {
  const numbers = [0n, 127n, 128n, 2n ** 64n - 1n];
  const allPacked = field(2, join(...numbers.map((number) => varint(number))));
  const single = join(...numbers.map((number) => varintField(2, number)));
  for (const counts of [allPacked, single]) {
    const point = [
      varintField(6, zigzag(-11)),
      fixed64Field(7, 9),
      message(8, varintField(1, zigzag(-(2 ** 31))), counts),
      message(9, counts, varintField(1, zigzag(2 ** 31 - 1)), field(2, noBytes)),
      doubleField(14, 0.25),
    ];
    assert.deepEqual(columns(exponential, 'exponential_histogram', ...point), {
      scale: -11,
      zero_count: 9n,
      zero_threshold: 0.25,
      positive_offset: -(2 ** 31),
      positive_bucket_counts: numbers,
      negative_offset: 2 ** 31 - 1,
      negative_bucket_counts: numbers,
    });
    assert.equal(isIrregular('exponential_histogram', ...point), false);
  }
});

test('exponential histogram: no Buckets are NULL, and empty ones an empty list', () => {
  const names = ['positive_bucket_counts', 'negative_bucket_counts'];
  const found = (...fields: Bytes[]) =>
    Object.values(columns(names, 'exponential_histogram', ...fields));
  assert.deepEqual(found(), [null, null]);
  assert.deepEqual(found(message(8)), [[], null]);
  assert.deepEqual(found(message(9, field(2, noBytes))), [null, []]);
  const rows = rowsOf('exponential_histogram', noBytes, message(8, varintField(2, 5)), message(8));
  const lists = rows.map((row) => row.positive_bucket_counts);
  assert.deepEqual(lists, [null, [5n], []]);
});

test('exponential histogram: Buckets that come twice are one, and irregular', () => {
  const twice = [
    message(8, varintField(1, zigzag(5)), varintField(2, 1)),
    message(9, varintField(2, 7)),
    message(8, field(2, Buffer.from([2, 3]))),
  ];
  assert.deepEqual(columns(exponential.slice(3), 'exponential_histogram', ...twice), {
    positive_offset: 5,
    positive_bucket_counts: [1n, 2n, 3n],
    negative_offset: 0,
    negative_bucket_counts: [7n],
  });
  assert.equal(isIrregular('exponential_histogram', ...twice), true);
});

test('exponential histogram: varints that a packed field cuts off are refused', () => {
  const cut = message(8, field(2, Buffer.from([1, 0x80])), varintField(2, 1));
  harness.reset();
  assert.equal(harness.decode(requestOf(points('exponential_histogram', cut))), malformed);
});

test('summary: the sum is always there, and the quantiles are in their order', () => {
  const quantile = (...fields: Bytes[]) => message(6, ...fields);
  const names = ['count', 'sum', 'min', 'max', 'quantiles'];
  const empty = { count: 0n, sum: 0, min: null, max: null, quantiles: [] };
  assert.deepEqual(columns(names, 'summary'), empty);
  const fields = [
    quantile(doubleField(1, 0.99), doubleField(2, 7)),
    fixed64Field(4, 3),
    quantile(),
    doubleField(5, -2.5),
    quantile(doubleField(2, NaN), doubleField(1, 0.5)),
  ];
  assert.deepEqual(columns(names, 'summary', ...fields), {
    ...empty,
    count: 3n,
    sum: -2.5,
    quantiles: [
      { quantile: 0.99, value: 7 },
      { quantile: 0, value: 0 },
      { quantile: 0.5, value: NaN },
    ],
  });
  assert.equal(isIrregular('summary', quantile(varintField(99, 1))), true);
});

const exemplarNumbers: readonly [MetricType, number][] = [
  ['gauge', 5],
  ['sum', 5],
  ['histogram', 8],
  ['exponential_histogram', 11],
];

for (const [type, number] of exemplarNumbers) {
  test(`exemplars: those of a ${type} keep all they say`, () => {
    const empty = {
      time: null,
      value: null,
      value_int: 0n,
      value_type: null,
      trace_id: null,
      span_id: null,
      attributes: '{}',
    };
    const whole = [
      fixed64Field(2, 5),
      fixed64Field(6, -9),
      field(4, Buffer.from('1112', 'hex')),
      field(5, Buffer.from('0102', 'hex')),
      field(7, attribute('k', doubleField(4, 1))),
    ];
    const double = doubleField(3, 0.5);
    const exemplars = join(message(number), message(number, ...whole), message(number, double));
    const [first, second, third] = rowsOf(type, exemplars, noBytes, message(number, double));
    assert.deepEqual(first!.exemplars, [
      empty,
      {
        time: 5n,
        value: -9,
        value_int: -9n,
        value_type: 'int',
        trace_id: '0102',
        span_id: '1112',
        attributes: '{"k":1.0}',
      },
      { ...empty, value: 0.5, value_type: 'double' },
    ]);
    assert.deepEqual(second!.exemplars, []);
    assert.deepEqual(third!.exemplars, [{ ...empty, value: 0.5, value_type: 'double' }]);
  });

  test(`exemplars: what is irregular in one of a ${type} makes its point irregular`, () => {
    const irregular = [
      varintField(99, 1),
      join(doubleField(3, 1), fixed64Field(6, 1)),
      join(field(4, 'a'), field(4, 'b')),
      fixed64Field(2, 2n ** 64n - 1n),
      field(7, attribute('k', field(7, 'bytes'))),
    ];
    for (const content of irregular) {
      const point = join(times, field(number, content));
      const extra = rowsOf(type, noBytes, point).map((row) => row.otlp_extra);
      assert.deepEqual(extra, [null, field(7, point).toString('hex')]);
    }
  });
}

test('point: a known field of another wire type is malformed', () => {
  const others: readonly [MetricType, Bytes][] = [
    ['gauge', varintField(4, 1)],
    ['gauge', doubleField(5, 1)],
    ['histogram', varintField(6, 1)],
    ['histogram', join(tag(7, 5), Buffer.alloc(4))],
    ['exponential_histogram', message(8, fixed64Field(2, 1))],
    ['exponential_histogram', fixed64Field(6, 1)],
    ['summary', fixed64Field(6, 1)],
  ];
  for (const [type, content] of others) {
    assert.throws(() => isIrregular(type, content), /refused with -1/);
  }
});
