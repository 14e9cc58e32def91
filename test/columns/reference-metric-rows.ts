/** The rows that metric requests must become. */
import type { Row, Value } from './decode/decoder-harness.ts';
import { referenceRowsOf, type SignalReference } from './reference-requests.ts';
import {
  attributesText,
  enumText,
  type Integer,
  id,
  type KeyValue,
  time,
} from './reference-values.ts';

interface NumberValue {
  /** The member that is set. */
  readonly value?: 'asDouble' | 'asInt';
  readonly asDouble: number;
  readonly asInt: Integer;
}

interface Exemplar extends NumberValue {
  readonly filteredAttributes: readonly KeyValue[];
  readonly timeUnixNano: Integer;
  readonly spanId: Uint8Array;
  readonly traceId: Uint8Array;
}

interface Buckets {
  readonly offset: number;
  readonly bucketCounts: readonly Integer[];
}

/** A data point of any kind. Fields that its kind lacks are undefined. */
interface Point extends NumberValue {
  readonly attributes: readonly KeyValue[];
  readonly startTimeUnixNano: Integer;
  readonly timeUnixNano: Integer;
  readonly flags: number;
  readonly exemplars?: readonly Exemplar[];
  readonly count?: Integer;
  readonly sum?: number | null;
  readonly min?: number | null;
  readonly max?: number | null;
  readonly bucketCounts?: readonly Integer[];
  readonly explicitBounds?: readonly number[];
  readonly scale?: number;
  readonly zeroCount?: Integer;
  readonly zeroThreshold?: number;
  readonly positive?: Buckets | null;
  readonly negative?: Buckets | null;
  readonly quantileValues?: readonly { readonly quantile: number; readonly value: number }[];
}

interface Data {
  readonly dataPoints: readonly Point[];
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
}

const types = {
  gauge: 'gauge',
  sum: 'sum',
  histogram: 'histogram',
  exponentialHistogram: 'exponential_histogram',
  summary: 'summary',
} as const;

type Metric = Readonly<Partial<Record<keyof typeof types, Data>>> & {
  /** The member that is set. */
  readonly data?: keyof typeof types;
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly metadata: readonly KeyValue[];
};

const reference: SignalReference<Metric> = {
  signal: 'metrics',
  resourceGroups: 'resourceMetrics',
  scopeGroups: 'scopeMetrics',
  items: 'metrics',
  toRows: metricRows,
};

/** Throws if protobufjs refuses the bytes. */
export function referenceMetricRows(request: Uint8Array, batchId = 1n): Row[] {
  return referenceRowsOf(reference, request, batchId);
}

/** A Metric without points is one row, in which the columns of a point have their defaults. */
function metricRows(metric: Metric, index: number): Row[] {
  const data = metric.data && metric[metric.data];
  const points = data && data.dataPoints.length > 0 ? data.dataPoints : [undefined];
  return points.map((point) => ({
    ...metricColumns(metric, data, index),
    ...pointColumns(point),
    ...histogramColumns(point),
  }));
}

function metricColumns(metric: Metric, data: Data | undefined, index: number): Row {
  const temporality = data?.aggregationTemporality;
  return {
    name: metric.name,
    description: metric.description,
    unit: metric.unit,
    type: metric.data ? types[metric.data] : 'none',
    temporality:
      temporality === undefined
        ? null
        : enumText(temporality, ['UNSPECIFIED', 'DELTA', 'CUMULATIVE']),
    is_monotonic: data?.isMonotonic ?? null,
    metadata: attributesText(metric.metadata),
    metric_index: index,
  };
}

function pointColumns(point: Point | undefined): Row {
  return {
    time: point ? time(point.timeUnixNano) : null,
    start_time: point ? time(point.startTimeUnixNano) : null,
    ...valueColumns(point),
    exemplars: (point?.exemplars ?? []).map(exemplarColumns),
    attributes: attributesText(point?.attributes ?? []),
    flags: point?.flags ?? 0,
  };
}

function valueColumns(number: NumberValue | undefined): Row {
  const int = number?.value === 'asInt' ? BigInt(number.asInt.toString()) : undefined;
  const double = number?.value === 'asDouble' ? number.asDouble : undefined;
  return {
    value: int === undefined ? (double ?? null) : Number(int),
    value_type: int === undefined ? (double === undefined ? null : 'double') : 'int',
    value_int: int ?? 0n,
  };
}

function exemplarColumns(exemplar: Exemplar): Row {
  return {
    time: time(exemplar.timeUnixNano),
    ...valueColumns(exemplar),
    trace_id: id(exemplar.traceId),
    span_id: id(exemplar.spanId),
    attributes: attributesText(exemplar.filteredAttributes),
  };
}

/** Columns of all kinds of histograms, and of summaries. */
function histogramColumns(point: Point | undefined): Row {
  return {
    count: toInt(point?.count),
    sum: point?.sum ?? null,
    min: point?.min ?? null,
    max: point?.max ?? null,
    bucket_counts: (point?.bucketCounts ?? []).map(toInt),
    explicit_bounds: [...(point?.explicitBounds ?? [])],
    scale: point?.scale ?? 0,
    zero_count: toInt(point?.zeroCount),
    zero_threshold: point?.zeroThreshold ?? 0,
    positive_offset: point?.positive?.offset ?? 0,
    positive_bucket_counts: bucketList(point?.positive),
    negative_offset: point?.negative?.offset ?? 0,
    negative_bucket_counts: bucketList(point?.negative),
    quantiles: (point?.quantileValues ?? []).map(({ quantile, value }) => ({ quantile, value })),
  };
}

function bucketList(buckets: Buckets | null | undefined): Value {
  return buckets ? buckets.bucketCounts.map(toInt) : null;
}

function toInt(value: Integer | undefined): bigint {
  return value === undefined ? 0n : BigInt(value.toString());
}
