import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeResult } from '../../../src/columns/request-decoder.ts';
import { signalNumber } from '../../../src/shared/signal.ts';
import { chooseSeed, TestRandom } from '../../random.ts';
import { columnNames } from '../column-types.ts';
import { data, dataFields, type MetricType, metricTypes, points } from '../metric-writer.ts';
import { RandomMetrics } from '../random-metrics.ts';
import { referenceMetricRows } from '../reference-metric-rows.ts';
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
  varintField,
} from '../wire-writer.ts';
import { DecoderHarness, type Row, receivedTime } from './decoder-harness.ts';

const { malformed, tooLarge } = decodeResult;
const metricsNumber = signalNumber('metrics');
const harness = new DecoderHarness('metrics');

/** Returns the rows of one Metric. */
function rowsOf(...fields: readonly Uint8Array[]): Row[] {
  return harness.rowsOf(requestOf(join(...fields)));
}

/** Returns one column of the rows of one Metric. */
function column(name: string, ...fields: readonly Uint8Array[]): unknown[] {
  return rowsOf(...fields).map((row) => row[name]);
}

function hex(bytes: Bytes): string {
  return bytes.toString('hex');
}

const temporality = (number: number | bigint) => varintField(2, number);
const isMonotonic = (number: number) => varintField(3, number);
const noPoints = hex(varintField(8, 1));

/** The columns that an empty Metric leaves at their defaults. */
const emptyRow: Row = {
  time: null,
  start_time: null,
  service_name: null,
  name: '',
  description: '',
  unit: '',
  type: 'none',
  temporality: null,
  is_monotonic: null,
  value: null,
  value_type: null,
  value_int: 0n,
  count: 0n,
  sum: null,
  min: null,
  max: null,
  bucket_counts: [],
  explicit_bounds: [],
  scale: 0,
  zero_count: 0n,
  zero_threshold: 0,
  positive_offset: 0,
  positive_bucket_counts: null,
  negative_offset: 0,
  negative_bucket_counts: null,
  quantiles: [],
  exemplars: [],
  attributes: '{}',
  flags: 0,
  metadata: '{}',
  metric_index: 0,
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
  otlp_extra: noPoints,
};

test('metrics: an empty Metric is a row of type none that says so', () => {
  const [row, ...others] = rowsOf();
  assert.deepEqual(Object.keys(row!), columnNames('metrics'));
  assert.deepEqual(row, emptyRow);
  assert.deepEqual(others, []);
});

test('metrics: what all points have in common stands in each row, wherever it stood', () => {
  const head = [
    field(1, 'requests'),
    field(2, 'Requests that were answered'),
    field(3, '{request}'),
    field(12, stringAttribute('source', 'proxy')),
    field(12, attribute('version', varintField(3, 2))),
  ];
  const sum = data('sum', message(1), temporality(2), message(1), isMonotonic(1), message(1));
  const expected: Row = {
    ...emptyRow,
    name: 'requests',
    description: 'Requests that were answered',
    unit: '{request}',
    type: 'sum',
    temporality: 'CUMULATIVE',
    is_monotonic: true,
    metadata: '{"source":"proxy","version":2}',
    otlp_extra: null,
  };
  for (let place = 0; place <= head.length; place++) {
    const fields = [...head.slice(0, place), sum, ...head.slice(place)];
    assert.deepEqual(rowsOf(...fields), [expected, expected, expected], `data at ${place}`);
  }
});

test('metrics: each type is named, with points and without', () => {
  for (const type of metricTypes) {
    assert.deepEqual(column('type', points(type, noBytes, noBytes)), [type, type]);
    const hasTemporality = !['gauge', 'summary'].includes(type);
    const expected = {
      ...emptyRow,
      type,
      temporality: hasTemporality ? 'UNSPECIFIED' : null,
      is_monotonic: type === 'sum' ? false : null,
    };
    assert.deepEqual(rowsOf(data(type)), [expected]);
  }
});

test('metrics: temporality is named; an unknown number is its digits', () => {
  const names = ['UNSPECIFIED', 'DELTA', 'CUMULATIVE', '3'];
  for (const type of ['sum', 'histogram', 'exponential_histogram'] as const) {
    for (const [number, name] of names.entries()) {
      assert.deepEqual(column('temporality', data(type, message(1), temporality(number))), [name]);
    }
    assert.deepEqual(column('temporality', data(type, temporality(-7))), ['-7']);
    assert.deepEqual(column('temporality', data(type, temporality(2n ** 32n + 1n))), ['DELTA']);
  }
});

test('metrics: only a sum is monotonic or not; a bool may be any number but 0', () => {
  assert.deepEqual(column('is_monotonic', data('sum', isMonotonic(0))), [false]);
  assert.deepEqual(column('is_monotonic', data('sum', isMonotonic(2))), [true]);
  const beyond = data('sum', varintField(3, 2n ** 40n));
  assert.deepEqual(column('is_monotonic', beyond), [true]);
  const mixed = requestOf(
    ...[points('gauge', noBytes, noBytes), data('sum', isMonotonic(1), message(1))],
    ...[points('histogram', noBytes), points('sum', noBytes, noBytes)],
  );
  const found = harness.rowsOf(mixed).map((row) => row.is_monotonic);
  assert.deepEqual(found, [null, null, true, null, false, false]);
});

test('metrics: the index counts in the scope group, Metrics without points too', () => {
  const gauge = (count: number) => field(2, points('gauge', ...Array(count).fill(noBytes)));
  const request = join(
    message(1, message(2, gauge(2), gauge(0), gauge(1)), message(2, gauge(1))),
    message(1, message(2, message(2), gauge(2))),
  );
  const rows = harness.rowsOf(request);
  assert.deepEqual(
    rows.map((row) => [row.resource_index, row.scope_index, row.metric_index]),
    [
      ...[
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 1],
        [0, 0, 2],
        [0, 1, 0],
      ],
      ...[
        [1, 0, 0],
        [1, 0, 1],
        [1, 0, 1],
      ],
    ],
  );
  const extra = rows.map((row) => row.otlp_extra);
  assert.deepEqual(extra, [null, null, noPoints, null, null, noPoints, null, null]);
});

/** A point with its number and its place. */
const point = (type: MetricType, number: number): Bytes => {
  const place = type === 'exponential_histogram' ? 1 : type === 'histogram' ? 9 : 7;
  return join(fixed64Field(3, number), field(place, stringAttribute('n', String(number))));
};

test('data: of several members the last one stands, and nothing of the others', () => {
  for (const first of metricTypes) {
    for (const last of metricTypes) {
      if (first === last) continue;
      const fields = [
        field(1, 'name'),
        data(first, field(1, point(first, 1)), temporality(1), isMonotonic(1)),
        field(12, stringAttribute('k', 'v')),
        points(last, point(last, 2), point(last, 3)),
      ];
      const rows = rowsOf(...fields);
      assert.deepEqual(rows, referenceMetricRows(requestOf(join(...fields))));
      assert.deepEqual(
        rows.map(({ name, type, time, metadata }) => [name, type, time, metadata]),
        [2n, 3n].map((time) => ['name', last, time, '{"k":"v"}']),
      );
    }
  }
});

test('data: a member that is forgotten and comes again begins anew', () => {
  const fields = [points('gauge', point('gauge', 1)), points('sum', point('sum', 2))];
  assert.deepEqual(column('time', ...fields, points('gauge', point('gauge', 3))), [3n]);
  assert.deepEqual(column('otlp_extra', ...fields, data('summary')), [
    hex(join(message(6, data('gauge'), data('sum'), data('summary')), varintField(8, 1))),
  ]);
});

test('data: a member that comes twice in a row is one', () => {
  const first = data('sum', field(1, point('sum', 1)), temporality(2));
  const second = data('sum', field(1, point('sum', 2)), isMonotonic(1));
  const rows = rowsOf(first, field(1, 'name'), second, data('sum'));
  assert.deepEqual(
    rows.map(({ time, temporality, is_monotonic }) => [time, temporality, is_monotonic]),
    [
      [1n, 'CUMULATIVE', true],
      [2n, 'CUMULATIVE', true],
    ],
  );
});

test('data: points that are forgotten take their lists and their extra with them', () => {
  const stranger = varintField(99, 1);
  const exemplar = message(5, field(5, 'trace'), stranger);
  const forgotten = points('gauge', join(doubleField(4, 1), exemplar), stranger);
  const kept = points('histogram', join(field(6, Buffer.alloc(8, 1)), stranger), noBytes);
  const before = points('gauge', join(message(5, field(4, 'span')), fixed64Field(6, 5)));
  const request = requestOf(before, join(forgotten, kept), before);
  assert.deepEqual(harness.rowsOf(request), referenceMetricRows(request));
});

test('extra: a Metric that the columns cannot say is kept without its points', () => {
  const stranger = varintField(99, 5);
  const notUtf8 = Buffer.from([0x61, 0xff]);
  const sum = data('sum', temporality(1));
  const heads: readonly [name: string, head: Bytes][] = [
    ['an unknown field', join(stranger, sum)],
    ['an unknown group', join(sum, group(99, varintField(1, 1)))],
    ['a name twice', join(field(1, 'a'), sum, field(1, 'b'))],
    ['a unit that is not UTF-8', join(field(3, notUtf8), sum)],
    ['metadata without a value', join(message(12, field(1, 'k')), sum)],
    ['bytes in metadata', join(field(12, attribute('k', field(7, 'x'))), sum)],
    ['a reserved field', join(field(4, 'type'), sum)],
    ['an unknown field in the data', data('sum', stranger)],
    ['a temporality twice', data('sum', temporality(1), temporality(2))],
    ['is_monotonic in a histogram', data('histogram', isMonotonic(1))],
    ['data twice', join(sum, data('sum', isMonotonic(1)))],
    ['data of two kinds', join(data('gauge', stranger), sum)],
  ];
  for (const [name, head] of heads) {
    const before = harness.decoder.irregularRequestCount();
    assert.deepEqual(column('otlp_extra', head), [`${hex(field(6, head))}${noPoints}`], name);
    assert.equal(harness.decoder.irregularRequestCount(), before + 1);
  }
  const withPoints = data('sum', message(1, fixed64Field(3, 1)), stranger, message(1), stranger);
  const shell = join(field(1, 'name'), data('sum', stranger, stranger));
  assert.deepEqual(column('otlp_extra', field(1, 'name'), withPoints), [
    hex(field(6, shell)),
    null,
  ]);
});

test('extra: a point that the columns cannot say is kept whole on its own row', () => {
  const irregular = join(fixed64Field(3, 2n ** 63n), varintField(99, 1));
  for (const type of metricTypes) {
    const found = column('otlp_extra', points(type, noBytes, irregular, noBytes, irregular));
    const kept = hex(field(7, irregular));
    assert.deepEqual(found, [null, kept, null, kept], type);
  }
});

test('metrics: rows of any number are kept when a batch is cut back', (t) => {
  const seed = chooseSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = new TestRandom(seed);
  const metrics = new RandomMetrics(random, { irregularity: 0.05 });
  for (let round = 0; round < 40; round++) {
    harness.reset();
    const requests = Array.from({ length: 1 + random.below(8) }, () => metrics.request());
    for (const request of requests) assert.ok(harness.decode(request) >= 0);
    const rows = requests.flatMap((request, i) => referenceMetricRows(request, BigInt(i + 1)));
    const kept = random.below(rows.length + 1);
    harness.decoder.truncate(metricsNumber, kept);
    const more = metrics.request();
    const moreRows = referenceMetricRows(more, BigInt(requests.length + 1));
    assert.equal(harness.decode(more), moreRows.length);
    assert.deepEqual(harness.rows(), [...rows.slice(0, kept), ...moreRows], `round ${round}`);
  }
});

const MiB = 1024 * 1024;

/**
 * Requests that grow far beyond their own size. None may take much more memory than the limit
 * allows.
 */
const swelling: Readonly<Record<string, Bytes>> = {
  'empty Metrics': message(1, message(2, Buffer.alloc(4 * MiB, message(2)))),
  'empty points': requestOf(field(dataFields.sum, Buffer.alloc(4 * MiB, message(1)))),
  'empty exemplars': requestOf(points('gauge', Buffer.alloc(4 * MiB, message(5)))),
  'empty quantiles': requestOf(points('summary', Buffer.alloc(4 * MiB, message(6)))),
  'small buckets': requestOf(
    points('exponential_histogram', message(8, field(2, Buffer.alloc(4 * MiB, 1)))),
  ),
  'a name for many points': requestOf(
    join(field(1, Buffer.alloc(4096, 'n')), field(dataFields.sum, Buffer.alloc(9000, message(1)))),
  ),
  metadata: requestOf(field(12, stringAttribute('k', Buffer.alloc(14 * MiB, 1)))),
};

for (const [name, request] of Object.entries(swelling)) {
  test(`limit: ${name} are refused before they fill the memory`, () => {
    const columns = new DecoderHarness('metrics');
    const limit = 16 * MiB;
    const before = columns.decoder.memory.buffer.byteLength + 2 * request.length;
    assert.equal(columns.decode(request, limit), tooLarge);
    assert.deepEqual(columns.rows(), []);
    const grown = columns.decoder.memory.buffer.byteLength - before;
    assert.ok(grown < 3 * limit, `${grown} bytes more`);
    assert.equal(columns.decode(requestOf(points('sum', noBytes))), 1);
  });
}

test('metrics: every start of a request is refused or taken as protobufjs does', () => {
  const whole = join(
    requestOf(join(field(1, 'n'), points('sum', doubleField(4, 1)), field(12, noBytes))),
    requestOf(points('exponential_histogram', message(8, field(2, Buffer.from([1, 0x80, 1]))))),
    requestOf(points('histogram', field(6, Buffer.alloc(16, 1)))),
  );
  for (let length = 0; length <= whole.length; length++) {
    const start = Buffer.from(whole.subarray(0, length));
    let expected: number;
    try {
      expected = referenceMetricRows(start).length;
    } catch {
      expected = malformed;
    }
    harness.reset();
    assert.equal(harness.decode(start), expected, `the first ${length} bytes`);
  }
});
