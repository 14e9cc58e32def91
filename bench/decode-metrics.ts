/** Metrics for the bench of the decoder: the requests, and the columns that the rival builds. */
import { Bool, type DataType, Field, Float64, Int64, List, Struct, Uint64 } from 'apache-arrow';
import { requestType } from '../src/shared/otlp-messages.ts';
import { Random } from '../src/shared/random.ts';
import { resourceAttributes, startTime, textAttribute } from './corpus.ts';
import {
  attributesText,
  i32,
  integer,
  type KeyValue,
  type Long,
  type RivalSignal,
  text,
  ts,
  u32,
} from './decode-rival.ts';
import type { Workload, WorkloadOptions } from './decode-workload.ts';

/**
 * A number point, or the point of a histogram with explicit bounds: the kinds that the benches
 * send.
 */
interface Point {
  readonly attributes: readonly KeyValue[];
  readonly startTimeUnixNano: Long;
  readonly timeUnixNano: Long;
  readonly flags: number;
  readonly value?: 'asDouble' | 'asInt';
  readonly asDouble: number;
  readonly asInt: Long;
  readonly count?: Long;
  readonly sum?: number;
  readonly min?: number;
  readonly max?: number;
  readonly bucketCounts?: readonly Long[];
  readonly explicitBounds?: readonly number[];
}

interface Data {
  readonly dataPoints: readonly Point[];
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
}

interface Metric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly data?: 'gauge' | 'sum' | 'histogram';
  readonly gauge?: Data;
  readonly sum?: Data;
  readonly histogram?: Data;
  readonly metadata: readonly KeyValue[];
}

const temporalities = ['UNSPECIFIED', 'DELTA', 'CUMULATIVE'];

const f64 = new Float64();
const i64 = new Int64();
const u64 = new Uint64();
const numbers = new List(new Field('item', u64, false));
const bounds = new List(new Field('item', f64, false));

function structs(fields: Record<string, DataType>): DataType {
  const children = Object.entries(fields).map(([name, type]) => new Field(name, type, true));
  return new List(new Field('item', new Struct(children), false));
}

const exemplars = structs({
  ...{ time: ts, value: f64, value_int: i64, value_type: text },
  ...{ trace_id: text, span_id: text, attributes: text },
});

const rival: RivalSignal<Metric> = {
  signal: 'metrics',
  resourceGroups: 'resourceMetrics',
  scopeGroups: 'scopeMetrics',
  items: 'metrics',
  types: [
    ...[ts, ts, text, text, text, text, text, text, new Bool(), f64, text, i64],
    ...[u64, f64, f64, f64, numbers, bounds, i32, u64, f64, i32, numbers, i32, numbers],
    ...[structs({ quantile: f64, value: f64 }), exemplars, text, u32, text, i32],
  ],
  addRows: (metric, index, serviceName, add) => {
    const data = metric[metric.data ?? 'gauge'];
    for (const point of data?.dataPoints ?? []) add(pointValues(metric, index, serviceName, point));
  },
};

function pointValues(
  metric: Metric,
  index: number,
  serviceName: string | null,
  point: Point,
): unknown[] {
  const type = metric.data ?? 'none';
  const { aggregationTemporality: temporality, isMonotonic } = metric[metric.data ?? 'gauge']!;
  const int = point.value === 'asInt' ? integer(point.asInt) : undefined;
  return [
    integer(point.timeUnixNano) || null,
    integer(point.startTimeUnixNano) || null,
    ...[serviceName, metric.name, metric.description, metric.unit, type],
    temporality === undefined ? null : (temporalities[temporality] ?? String(temporality)),
    isMonotonic ?? null,
    int === undefined ? (point.value ? point.asDouble : null) : Number(int),
    int === undefined ? (point.value ? 'double' : null) : 'int',
    int ?? 0n,
    point.count ? integer(point.count) : 0n,
    ...[point.sum ?? null, point.min ?? null, point.max ?? null],
    (point.bucketCounts ?? []).map(integer),
    point.explicitBounds ?? [],
    ...[0, 0n, 0, 0, null, 0, null],
    ...[[], []],
    attributesText(point.attributes),
    point.flags,
    attributesText(metric.metadata),
    index,
  ];
}

const resourcesPerRequest = 2;
const intervalNs = 1_000_000_000n;
const boundaries = [5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000];
const units = ['By', '1', 'ms', '{request}'];
const subjects = [
  'memory.used',
  'memory.limit',
  'gc.duration',
  'threads',
  'queue.length',
  'errors',
];

type MakePoint = (random: Random, series: number, time: bigint) => object;

/** Returns a workload of metrics with `pointsPerMetric` points each. */
function metricWorkload(
  rowsName: string,
  pointsPerMetric: number,
  toData: (points: readonly object[]) => object,
  makePoint: MakePoint,
): Workload<Metric> {
  const buildCorpus = ({ rowsPerRequest, requestCount, seed }: WorkloadOptions) => {
    const type = requestType('metrics');
    const random = new Random(seed);
    const metricCount = rowsPerRequest / resourcesPerRequest / pointsPerMetric;
    const makeMetric = (index: number, time: bigint) => ({
      name: `shop.${subjects[index % subjects.length]}.${index}`,
      description: `What ${subjects[index % subjects.length]} of part ${index} is`,
      unit: units[index % units.length],
      ...toData(
        Array.from({ length: pointsPerMetric }, (_, series) => makePoint(random, series, time)),
      ),
    });
    return Array.from({ length: requestCount }, (_, request) => {
      const time = startTime + BigInt(request) * intervalNs;
      const resourceMetrics = Array.from({ length: resourcesPerRequest }, (_, resource) => ({
        resource: { attributes: resourceAttributes(resource, 0) },
        scopeMetrics: [
          {
            scope: { name: '@opentelemetry/instrumentation-http', version: '0.52.0' },
            metrics: Array.from({ length: metricCount }, (_, index) => makeMetric(index, time)),
          },
        ],
      }));
      return Buffer.from(type.encode(type.fromObject({ resourceMetrics })).finish());
    });
  };
  return { rowsName, buildCorpus, rival };
}

function toSum(dataPoints: readonly object[]): object {
  return { sum: { dataPoints, aggregationTemporality: 2, isMonotonic: true } };
}

function toHistogram(dataPoints: readonly object[]): object {
  return { histogram: { dataPoints, aggregationTemporality: 2 } };
}

function pointOf(series: number, time: bigint): object {
  return {
    startTimeUnixNano: String(startTime),
    timeUnixNano: String(time),
    attributes: [
      textAttribute('http.request.method', series % 2 === 0 ? 'GET' : 'POST'),
      textAttribute('http.route', `/api/things/${series >> 2}`),
      { key: 'http.response.status_code', value: { intValue: series % 4 < 2 ? 200 : 500 } },
    ],
  };
}

/** Every second value is an int. */
function makeNumberPoint(random: Random, series: number, time: bigint): object {
  const value = series % 2 === 0 ? { asInt: random.below(1e9) } : { asDouble: random.fraction() };
  return { ...pointOf(series, time), ...value };
}

function makeHistogramPoint(random: Random, series: number, time: bigint): object {
  const bucketCounts = Array.from({ length: boundaries.length + 1 }, () => random.below(1000));
  return {
    ...pointOf(series, time),
    count: bucketCounts.reduce((sum, count) => sum + count, 0),
    sum: random.fraction() * 1e6,
    min: random.fraction(),
    max: 10_000 * random.fraction(),
    bucketCounts,
    explicitBounds: boundaries,
  };
}

export const metricWorkloads: readonly Workload<Metric>[] = [
  metricWorkload('number points, 100 of a metric,', 100, toSum, makeNumberPoint),
  metricWorkload('number points, one of a metric,', 1, toSum, makeNumberPoint),
  metricWorkload('histogram points, 100 of a metric,', 100, toHistogram, makeHistogramPoint),
];
