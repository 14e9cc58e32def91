/** The library: what a program gets from `import … from 'otlp-archer'`. */
export {
  type Archive,
  type ArchiveOptions,
  type LogQuery,
  type MetricQuery,
  openArchive,
  type RequestQuery,
  type RowQuery,
  type SpanQuery,
  type TimeBound,
  type TimeQuery,
} from './query/archive.ts';
export type { ArchiveFault } from './query/archive-reader.ts';
export type { ArchivedRequest } from './query/archived-requests.ts';
export type { JsonObject, JsonValue } from './query/json-value.ts';
export type {
  LogRow,
  MetricExemplar,
  MetricQuantile,
  MetricRow,
  SpanEvent,
  SpanLink,
  SpanRow,
} from './query/rows.ts';
export { ArcherError, type ErrorCode, type FaultCode } from './shared/errors.ts';
export type { Signal } from './shared/signal.ts';
