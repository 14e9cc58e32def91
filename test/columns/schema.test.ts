/** The Arrow schemas of the signals, field by field. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Field, RecordBatchReader } from 'apache-arrow';
import { archiveSchema, schemaMessage } from '../../src/columns/schema.ts';
import { type Signal, signals } from '../../src/shared/signal.ts';

const origin = { writer: 'otlp-archer 1.2.3', recorder: '6f1b0d7e-9d1c-4c53-8f6d-0a2f7a1f2b3c' };

/** Name, Arrow's name of the type, nullable or not; the fields of a list's items are indented. */
const tail = `
scope_name Utf8 null
scope_version Utf8
scope_attributes Utf8
scope_dropped_attributes_count Uint32
scope_schema_url Utf8
resource_attributes Utf8 null
resource_dropped_attributes_count Uint32
resource_schema_url Utf8
received_time Timestamp<NANOSECOND>
batch_id Int64
resource_index Int32
scope_index Int32
otlp_extra Binary null
`;

const fieldsOf: Readonly<Record<Signal, string>> = {
  traces: `
start_time Timestamp<NANOSECOND> null
end_time Timestamp<NANOSECOND> null
duration_ns Int64
trace_id Utf8 null
span_id Utf8 null
parent_span_id Utf8 null
service_name Utf8 null
name Utf8
kind Utf8
status_code Utf8 null
status_message Utf8
attributes Utf8
events List
  item Struct
    time Timestamp<NANOSECOND> null
    name Utf8
    attributes Utf8
    dropped_attributes_count Uint32
links List
  item Struct
    trace_id Utf8 null
    span_id Utf8 null
    trace_state Utf8
    attributes Utf8
    dropped_attributes_count Uint32
    flags Uint32
trace_state Utf8
flags Uint32
dropped_attributes_count Uint32
dropped_events_count Uint32
dropped_links_count Uint32
${tail}`,
  metrics: `
time Timestamp<NANOSECOND> null
start_time Timestamp<NANOSECOND> null
service_name Utf8 null
name Utf8
description Utf8
unit Utf8
type Utf8
temporality Utf8 null
is_monotonic Bool null
value Float64 null
value_type Utf8 null
value_int Int64
count Uint64
sum Float64 null
min Float64 null
max Float64 null
bucket_counts List
  item Uint64
explicit_bounds List
  item Float64
scale Int32
zero_count Uint64
zero_threshold Float64
positive_offset Int32
positive_bucket_counts List null
  item Uint64
negative_offset Int32
negative_bucket_counts List null
  item Uint64
quantiles List
  item Struct
    quantile Float64
    value Float64
exemplars List
  item Struct
    time Timestamp<NANOSECOND> null
    value Float64 null
    value_int Int64
    value_type Utf8 null
    trace_id Utf8 null
    span_id Utf8 null
    attributes Utf8
attributes Utf8
flags Uint32
metadata Utf8
metric_index Int32
${tail}`,
  logs: `
time Timestamp<NANOSECOND> null
observed_time Timestamp<NANOSECOND> null
trace_id Utf8 null
span_id Utf8 null
service_name Utf8 null
severity_number Int32
severity_text Utf8
event_name Utf8
body Utf8 null
body_type Utf8 null
attributes Utf8
dropped_attributes_count Uint32
flags Uint32
${tail}`,
};

const schemaNames = { traces: 'spans/1', metrics: 'metrics/1', logs: 'logs/1' } as const;

function describeFields(fields: readonly Field[]): string[] {
  return fields.flatMap((field) => describeField(field));
}

function expectedFields(signal: Signal): string[] {
  return fieldsOf[signal].split('\n').filter((line) => line !== '');
}

function describeField(field: Field, depth = 0): string[] {
  const children: Field[] = field.type.children ?? [];
  const type = String(field.type)
    .replace(/^List.*/, 'List')
    .replace(/^Struct.*/, 'Struct');
  const line = `${'  '.repeat(depth)}${field.name} ${type}${field.nullable ? ' null' : ''}`;
  return [line, ...children.flatMap((child) => describeField(child, depth + 1))];
}

describe('schema', () => {
  for (const signal of signals) {
    it(`${signal}: the fields of ${schemaNames[signal]}`, () => {
      const { fields } = archiveSchema(signal, origin);
      assert.deepEqual(describeFields(fields), expectedFields(signal));
    });

    it(`${signal}: metadata names schema, writer and recorder`, () => {
      assert.deepEqual(
        [...archiveSchema(signal, origin).metadata],
        [
          ['otlp.archive.schema', schemaNames[signal]],
          ['otlp.archive.writer', origin.writer],
          ['otlp.archive.recorder', origin.recorder],
        ],
      );
    });
  }
});

describe('schema message', () => {
  const message = schemaMessage('traces', origin);
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);

  it('framing: marker, length, a multiple of 8, and nothing behind', () => {
    assert.equal(view.getUint32(0, true), 0xffffffff);
    assert.equal(view.getInt32(4, true), message.byteLength - 8);
    assert.equal(message.byteLength % 8, 0);
  });

  it('content: a stream of no batches with the same schema', () => {
    const reader = RecordBatchReader.from(message).open();
    assert.deepEqual(describeFields(reader.schema.fields), expectedFields('traces'));
    assert.deepEqual(reader.schema.metadata, archiveSchema('traces', origin).metadata);
    assert.equal(
      [...reader].reduce((rows, batch) => rows + batch.numRows, 0),
      0,
    );
  });

  it('content: little-endian, and no features, which readers on nanoarrow refuse', () => {
    // Flatbuffers: a table starts with the distance back to its vtable, which has bytes of vtable
    // and table, then for each field its place in the table, 0 where it is unset.
    const at = (offset: number) => offset + view.getUint32(offset, true);
    const field = (table: number, index: number) => {
      const vtable = table - view.getInt32(table, true);
      const place = 4 + index * 2;
      return place < view.getUint16(vtable, true) ? view.getUint16(vtable + place, true) : 0;
    };
    const messageTable = at(8);
    const schemaTable = at(messageTable + field(messageTable, 2));
    assert.equal(view.getUint8(messageTable + field(messageTable, 1)), 1, 'the header is a Schema');
    assert.equal(field(schemaTable, 0), 0, 'endianness is the default, little');
    assert.notEqual(field(schemaTable, 1), 0, 'there are fields');
    assert.equal(field(schemaTable, 3), 0, 'features are unset');
  });
});
