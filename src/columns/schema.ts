/**
 * The Arrow schemas of the archive. Import this on the main thread only: apache-arrow takes 17 MB
 * of memory.
 */
import {
  Binary,
  Bool,
  type DataType,
  Field,
  Float64,
  Int32,
  Int64,
  List,
  Schema,
  Struct,
  Table,
  TimestampNanosecond,
  tableToIPC,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import { invariant } from '../shared/invariant.ts';
import type { Signal } from '../shared/signal.ts';

/** Types by name. `id` is lower-case hex and `json` is one JSON object; both are text in Arrow. */
const types = {
  ts: new TimestampNanosecond(),
  i32: new Int32(),
  i64: new Int64(),
  u32: new Uint32(),
  u64: new Uint64(),
  f64: new Float64(),
  bool: new Bool(),
  text: new Utf8(),
  id: new Utf8(),
  json: new Utf8(),
  binary: new Binary(),
} as const;

type TypeName = keyof typeof types;

/** Columns in order. `?` marks a column in which NULL has a meaning. */
interface Columns {
  readonly [name: string]: TypeName | `${TypeName}?` | ListOf;
}

/**
 * A list of structs or of single values. Items are never NULL; a list may be NULL if `isNullable`
 * is true.
 */
interface ListOf {
  readonly items: Columns | TypeName;
  readonly isNullable?: true;
}

/** The last columns of every signal. */
const tail: Columns = {
  scope_name: 'text?',
  scope_version: 'text',
  scope_attributes: 'json',
  scope_dropped_attributes_count: 'u32',
  scope_schema_url: 'text',
  resource_attributes: 'json?',
  resource_dropped_attributes_count: 'u32',
  resource_schema_url: 'text',
  received_time: 'ts',
  batch_id: 'i64',
  resource_index: 'i32',
  scope_index: 'i32',
  otlp_extra: 'binary?',
};

const spans: Columns = {
  start_time: 'ts?',
  end_time: 'ts?',
  duration_ns: 'i64',
  trace_id: 'id?',
  span_id: 'id?',
  parent_span_id: 'id?',
  service_name: 'text?',
  name: 'text',
  kind: 'text',
  status_code: 'text?',
  status_message: 'text',
  attributes: 'json',
  events: {
    items: {
      time: 'ts?',
      name: 'text',
      attributes: 'json',
      dropped_attributes_count: 'u32',
    },
  },
  links: {
    items: {
      trace_id: 'id?',
      span_id: 'id?',
      trace_state: 'text',
      attributes: 'json',
      dropped_attributes_count: 'u32',
      flags: 'u32',
    },
  },
  trace_state: 'text',
  flags: 'u32',
  dropped_attributes_count: 'u32',
  dropped_events_count: 'u32',
  dropped_links_count: 'u32',
  ...tail,
};

const logs: Columns = {
  time: 'ts?',
  observed_time: 'ts?',
  trace_id: 'id?',
  span_id: 'id?',
  service_name: 'text?',
  severity_number: 'i32',
  severity_text: 'text',
  event_name: 'text',
  body: 'text?',
  body_type: 'text?',
  attributes: 'json',
  dropped_attributes_count: 'u32',
  flags: 'u32',
  ...tail,
};

const metrics: Columns = {
  time: 'ts?',
  start_time: 'ts?',
  service_name: 'text?',
  name: 'text',
  description: 'text',
  unit: 'text',
  type: 'text',
  temporality: 'text?',
  is_monotonic: 'bool?',
  value: 'f64?',
  value_type: 'text?',
  value_int: 'i64',
  count: 'u64',
  sum: 'f64?',
  min: 'f64?',
  max: 'f64?',
  bucket_counts: { items: 'u64' },
  explicit_bounds: { items: 'f64' },
  scale: 'i32',
  zero_count: 'u64',
  zero_threshold: 'f64',
  positive_offset: 'i32',
  positive_bucket_counts: { items: 'u64', isNullable: true },
  negative_offset: 'i32',
  negative_bucket_counts: { items: 'u64', isNullable: true },
  quantiles: { items: { quantile: 'f64', value: 'f64' } },
  exemplars: {
    items: {
      time: 'ts?',
      value: 'f64?',
      value_int: 'i64',
      value_type: 'text?',
      trace_id: 'id?',
      span_id: 'id?',
      attributes: 'json',
    },
  },
  attributes: 'json',
  flags: 'u32',
  metadata: 'json',
  metric_index: 'i32',
  ...tail,
};

const schemas: Readonly<Record<Signal, { readonly name: string; readonly columns: Columns }>> = {
  traces: { name: 'spans/1', columns: spans },
  metrics: { name: 'metrics/1', columns: metrics },
  logs: { name: 'logs/1', columns: logs },
};

/** The writer of a segment; both fields become metadata of its schema. */
export interface SchemaOrigin {
  /** Name and version of the program. */
  readonly writer: string;
  /** The recorder's UUID. */
  readonly recorder: string;
}

/** Returns the Arrow schema of a signal's segments. */
export function archiveSchema(signal: Signal, { writer, recorder }: SchemaOrigin): Schema {
  const schema = schemas[signal];
  const metadata = new Map([
    ['otlp.archive.schema', schema.name],
    ['otlp.archive.writer', writer],
    ['otlp.archive.recorder', recorder],
  ]);
  return new Schema(toFields(schema.columns), metadata);
}

/**
 * Returns the schema as the first message of an Arrow IPC stream: continuation marker, length,
 * flatbuffer, padded to 8 bytes. Its `features` stay unset, because readers based on nanoarrow
 * refuse files that set them.
 */
export function schemaMessage(signal: Signal, origin: SchemaOrigin): Uint8Array {
  const stream = tableToIPC(new Table(archiveSchema(signal, origin)), 'stream');
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  const messageBytes = messagePrefixBytes + view.getInt32(4, true);
  invariant(messageBytes % 8 === 0, 'a schema message is padded');
  return stream.slice(0, messageBytes);
}

/** Continuation marker and metadata length. */
const messagePrefixBytes = 8;

function toFields(columns: Columns): Field[] {
  return Object.entries(columns).map(([name, column]) => {
    if (typeof column === 'object') return new Field(name, toList(column), column.isNullable);
    const isNullable = column.endsWith('?');
    const typeName = (isNullable ? column.slice(0, -1) : column) as TypeName;
    return new Field<DataType>(name, types[typeName], isNullable);
  });
}

function toList({ items }: ListOf): List {
  const type = typeof items === 'string' ? types[items] : new Struct(toFields(items));
  return new List(new Field<DataType>('item', type, false));
}
