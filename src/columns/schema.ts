/** The Arrow schemas of the archive; for the main thread, as apache-arrow takes 17 MB of memory. */
import {
  Binary,
  type DataType,
  Field,
  Int32,
  Int64,
  List,
  Schema,
  Struct,
  Table,
  TimestampNanosecond,
  tableToIPC,
  Uint32,
  Utf8,
} from 'apache-arrow';
import { invariant } from '../shared/invariant.ts';
import type { Signal } from '../shared/signal.ts';

/** `id` is lower-case hex and `json` one JSON object: both are text to Arrow. */
const types = {
  ts: new TimestampNanosecond(),
  i32: new Int32(),
  i64: new Int64(),
  u32: new Uint32(),
  text: new Utf8(),
  id: new Utf8(),
  json: new Utf8(),
  binary: new Binary(),
} as const;

type TypeName = keyof typeof types;

/** Columns in their order; `?` marks one that may be NULL, which then says something. */
interface Columns {
  readonly [name: string]: TypeName | `${TypeName}?` | ListOf;
}

/** A list of structs; neither the list nor its items are ever NULL. */
interface ListOf {
  readonly items: Columns;
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

const schemas: Partial<Record<Signal, { readonly name: string; readonly columns: Columns }>> = {
  traces: { name: 'spans/1', columns: spans },
};

/** Who writes a segment; both stand in the metadata of its schema. */
export interface SchemaOrigin {
  /** Name and version of the program. */
  readonly writer: string;
  /** The recorder's UUID. */
  readonly recorder: string;
}

/** The Arrow schema of a signal's segments. */
export function archiveSchema(signal: Signal, { writer, recorder }: SchemaOrigin): Schema {
  const schema = schemas[signal];
  invariant(schema !== undefined, 'the signal has a schema');
  const metadata = new Map([
    ['otlp.archive.schema', schema.name],
    ['otlp.archive.writer', writer],
    ['otlp.archive.recorder', recorder],
  ]);
  return new Schema(toFields(schema.columns), metadata);
}

/**
 * The schema as the first message of an Arrow IPC stream: continuation marker, length, flatbuffer,
 * padded to 8 bytes. Its `features` stay unset: readers on nanoarrow refuse files that set them.
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
    if (typeof column === 'object') return new Field(name, toList(column), false);
    const isNullable = column.endsWith('?');
    const typeName = (isNullable ? column.slice(0, -1) : column) as TypeName;
    return new Field<DataType>(name, types[typeName], isNullable);
  });
}

function toList({ items }: ListOf): List {
  return new List(new Field('item', new Struct(toFields(items)), false));
}
