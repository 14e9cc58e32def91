/** OTLP's messages of metrics as plain objects. */
import type { KeyValue, Resource, Scope } from './telemetry.ts';

export interface Exemplar {
  readonly timeUnixNano: bigint;
  readonly asDouble: number;
  readonly spanId: Uint8Array;
  readonly traceId: Uint8Array;
  /** Those of the measurement that the series does not have. */
  readonly filteredAttributes: readonly KeyValue[];
}

interface Point {
  readonly attributes: readonly KeyValue[];
  /** Since when it counts; a gauge has none. */
  readonly startTimeUnixNano?: bigint;
  readonly timeUnixNano: bigint;
}

export type NumberPoint = Point & ({ readonly asInt: number } | { readonly asDouble: number });

export interface HistogramPoint extends Point {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly bucketCounts: readonly number[];
  readonly explicitBounds: readonly number[];
  readonly exemplars: readonly Exemplar[];
}

export interface Buckets {
  readonly offset: number;
  readonly bucketCounts: readonly number[];
}

export interface ExponentialHistogramPoint extends Point {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly scale: number;
  readonly zeroCount: number;
  readonly positive: Buckets;
  readonly exemplars: readonly Exemplar[];
}

export interface SummaryPoint extends Point {
  readonly count: number;
  readonly sum: number;
  readonly quantileValues: readonly { readonly quantile: number; readonly value: number }[];
}

/** All that is counted here is counted since the start of the process. */
export interface Temporal<DataPoint> {
  readonly dataPoints: readonly DataPoint[];
  readonly aggregationTemporality: number;
}

export type MetricData =
  | { readonly gauge: { readonly dataPoints: readonly NumberPoint[] } }
  | { readonly sum: Temporal<NumberPoint> & { readonly isMonotonic: boolean } }
  | { readonly histogram: Temporal<HistogramPoint> }
  | { readonly exponentialHistogram: Temporal<ExponentialHistogramPoint> }
  | { readonly summary: { readonly dataPoints: readonly SummaryPoint[] } };

export interface MetricName {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
}

export type Metric = MetricName & MetricData;

export interface ScopeMetrics {
  readonly scope: Scope;
  readonly metrics: readonly Metric[];
  readonly schemaUrl: string;
}

export interface ResourceMetrics {
  readonly resource: Resource;
  readonly scopeMetrics: readonly ScopeMetrics[];
  readonly schemaUrl: string;
}

/** An ExportMetricsServiceRequest. */
export interface MetricsRequest {
  readonly resourceMetrics: readonly ResourceMetrics[];
}
