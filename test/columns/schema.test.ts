/** The Arrow schema of spans, field by field. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Field, RecordBatchReader } from 'apache-arrow';
import { archiveSchema, schemaMessage } from '../../src/columns/schema.ts';

const origin = { writer: 'otlp-archer 1.2.3', recorder: '6f1b0d7e-9d1c-4c53-8f6d-0a2f7a1f2b3c' };

/** Name, Arrow's name of the type, nullable or not; the fields of a list's items are indented. */
const spans = `
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

function describeField(field: Field, depth = 0): string[] {
  const children: Field[] = field.type.children ?? [];
  const type = String(field.type)
    .replace(/<\{.*|<Struct.*/, '')
    .replace(/, .*>|<.*:.*/, '>');
  const line = `${'  '.repeat(depth)}${field.name} ${type}${field.nullable ? ' null' : ''}`;
  return [line, ...children.flatMap((child) => describeField(child, depth + 1))];
}

describe('schema', () => {
  it('traces: the fields of spans/1', () => {
    const { fields } = archiveSchema('traces', origin);
    assert.deepEqual(
      fields.flatMap((field) => describeField(field)),
      spans.trim().split('\n'),
    );
  });

  it('metadata: schema, writer and recorder', () => {
    assert.deepEqual(
      [...archiveSchema('traces', origin).metadata],
      [
        ['otlp.archive.schema', 'spans/1'],
        ['otlp.archive.writer', origin.writer],
        ['otlp.archive.recorder', origin.recorder],
      ],
    );
  });

  it('signals: one without a schema is a broken invariant', () => {
    assert.throws(() => archiveSchema('logs', origin), /the signal has a schema/);
  });
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
    assert.deepEqual(
      reader.schema.fields.flatMap((field) => describeField(field)),
      spans.trim().split('\n'),
    );
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
