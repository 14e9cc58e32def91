/** Names the field that the decoder reports as misplaced: known, but of another wire type. */
import { messageType } from './otlp-messages.ts';
import type { Signal } from './signal.ts';

const common = 'common.v1';

/**
 * Names of the messages, below `opentelemetry.proto`, by the numbers that
 * src/columns/decode/wire/known-fields.ts gives them. The first three differ between the signals.
 */
const messageNames: readonly (string | Readonly<Record<Signal, string>>)[] = [
  { traces: '', metrics: '', logs: '' },
  {
    traces: 'collector.trace.v1.ExportTraceServiceRequest',
    metrics: 'collector.metrics.v1.ExportMetricsServiceRequest',
    logs: 'collector.logs.v1.ExportLogsServiceRequest',
  },
  {
    traces: 'trace.v1.ResourceSpans',
    metrics: 'metrics.v1.ResourceMetrics',
    logs: 'logs.v1.ResourceLogs',
  },
  { traces: 'trace.v1.ScopeSpans', metrics: 'metrics.v1.ScopeMetrics', logs: 'logs.v1.ScopeLogs' },
  'resource.v1.Resource',
  `${common}.InstrumentationScope`,
  `${common}.KeyValue`,
  `${common}.AnyValue`,
  `${common}.ArrayValue`,
  `${common}.KeyValueList`,
  'trace.v1.Span',
  'trace.v1.Span.Event',
  'trace.v1.Span.Link',
  'trace.v1.Status',
  'logs.v1.LogRecord',
  'metrics.v1.Metric',
  'metrics.v1.Gauge',
  'metrics.v1.Sum',
  'metrics.v1.Histogram',
  'metrics.v1.ExponentialHistogram',
  'metrics.v1.Summary',
  'metrics.v1.NumberDataPoint',
  'metrics.v1.HistogramDataPoint',
  'metrics.v1.ExponentialHistogramDataPoint',
  'metrics.v1.ExponentialHistogramDataPoint.Buckets',
  'metrics.v1.SummaryDataPoint',
  'metrics.v1.SummaryDataPoint.ValueAtQuantile',
  'metrics.v1.Exemplar',
];

/** Count of messages; their numbers start at 1. */
export const messageCount = messageNames.length - 1;

/** Returns the full name of a message in the requests of a signal, below `opentelemetry.proto`. */
export function messageName(signal: Signal, message: number): string | undefined {
  const name = messageNames[message];
  return typeof name === 'object' ? name[signal] : name;
}

/**
 * Returns a name like `Span.trace_id` for the number that `misplacedField` of the decoder returns
 * (message number x 32 + field number) after it has refused a request of `signal`. The first call
 * loads the .proto files, which takes some tens of milliseconds.
 */
export function fieldName(signal: Signal, misplacedField: number): string {
  const name = messageName(signal, misplacedField >>> 5);
  const number = misplacedField & 31;
  if (name === undefined) return `field ${number}`;
  const type = messageType(name);
  const field = type.fieldsById[number];
  return field === undefined ? `${type.name}.${number}` : `${type.name}.${snakeCase(field.name)}`;
}

/** protobufjs has the names in camel case; the .proto files have them in snake case. */
function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
