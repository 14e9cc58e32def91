/**
 * The rows of the archive as objects. Their properties are the columns of docs/format/segment.md.
 *
 * Times are Unix nanoseconds. Times and 64-bit integers are bigint, because a number is exact only
 * up to 2^53. JSON columns are parsed (see JsonValue); consecutive rows may share the parsed
 * object. Columns that may be NULL may be null.
 */
import type { JsonObject } from './json-value.ts';

/** The last columns of every signal. */
export interface TailRow {
  /** Null if no scope was sent. */
  scope_name: string | null;
  scope_version: string;
  scope_attributes: JsonObject;
  scope_dropped_attributes_count: number;
  scope_schema_url: string;
  /** Null if no resource was sent. */
  resource_attributes: JsonObject | null;
  resource_dropped_attributes_count: number;
  resource_schema_url: string;
  received_time: bigint;
  /** Identifies the request: lane x 2^48 + position in the lane's log. */
  batch_id: bigint;
  resource_index: number;
  scope_index: number;
  /** OTLP content that no column can hold; null for ordinary rows. */
  otlp_extra: Uint8Array | null;
}

export interface SpanEvent {
  time: bigint | null;
  name: string;
  attributes: JsonObject;
  dropped_attributes_count: number;
}

export interface SpanLink {
  trace_id: string | null;
  span_id: string | null;
  trace_state: string;
  attributes: JsonObject;
  dropped_attributes_count: number;
  flags: number;
}

export interface SpanRow extends TailRow {
  start_time: bigint | null;
  end_time: bigint | null;
  /** 0 if either time is missing. */
  duration_ns: bigint;
  /** Lower-case hexadecimal digits, like all ids. */
  trace_id: string | null;
  span_id: string | null;
  parent_span_id: string | null;
  service_name: string | null;
  name: string;
  kind: string;
  /** Null if no status was sent. */
  status_code: string | null;
  status_message: string;
  attributes: JsonObject;
  events: SpanEvent[];
  links: SpanLink[];
  trace_state: string;
  flags: number;
  dropped_attributes_count: number;
  dropped_events_count: number;
  dropped_links_count: number;
}

export interface LogRow extends TailRow {
  time: bigint | null;
  observed_time: bigint | null;
  trace_id: string | null;
  span_id: string | null;
  service_name: string | null;
  severity_number: number;
  severity_text: string;
  event_name: string;
  /** A string body as it is, any other body as JSON text. `body_type` names the type. */
  body: string | null;
  body_type: string | null;
  attributes: JsonObject;
  dropped_attributes_count: number;
  flags: number;
}

export interface MetricQuantile {
  quantile: number;
  value: number;
}

export interface MetricExemplar {
  time: bigint | null;
  value: number | null;
  value_int: bigint;
  value_type: string | null;
  trace_id: string | null;
  span_id: string | null;
  attributes: JsonObject;
}

export interface MetricRow extends TailRow {
  time: bigint | null;
  start_time: bigint | null;
  service_name: string | null;
  name: string;
  description: string;
  unit: string;
  type: string;
  temporality: string | null;
  is_monotonic: boolean | null;
  /** Value of a number point. For an integer `value_int` holds the exact value. */
  value: number | null;
  value_type: string | null;
  value_int: bigint;
  count: bigint;
  sum: number | null;
  min: number | null;
  max: number | null;
  bucket_counts: bigint[];
  explicit_bounds: number[];
  scale: number;
  zero_count: bigint;
  zero_threshold: number;
  positive_offset: number;
  positive_bucket_counts: bigint[] | null;
  negative_offset: number;
  negative_bucket_counts: bigint[] | null;
  quantiles: MetricQuantile[];
  exemplars: MetricExemplar[];
  attributes: JsonObject;
  flags: number;
  metadata: JsonObject;
  metric_index: number;
}

export interface SignalRows {
  readonly traces: SpanRow;
  readonly metrics: MetricRow;
  readonly logs: LogRow;
}
