/** A schema of apache-arrow is read correctly. Types that none of our columns has are rejected. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  Bool,
  type DataType,
  DateDay,
  Dictionary,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int8,
  Int32,
  Int64,
  LargeUtf8,
  List,
  Map_,
  Null,
  Struct,
  TimestampMicrosecond,
  TimestampNanosecond,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
} from 'apache-arrow';
import { schemaMessage } from '../../../src/columns/schema.ts';
import {
  type ArrowSchema,
  columnLines,
  readArrowSchema,
} from '../../../src/disk/ipc/arrow-schema.ts';
import { messagePrefixBytes } from '../../../src/disk/ipc/ipc-format.ts';
import { thingFields, thingSchemaMessage, thingSchemaMetadata } from '../thing-segment.ts';

function read(message: Uint8Array): ArrowSchema {
  const schema = readArrowSchema(message.subarray(messagePrefixBytes));
  assert.ok(typeof schema !== 'string', String(schema));
  return schema;
}

function linesOf(...types: readonly DataType[]): string[] {
  const fields = types.map((type, index) => new Field(`c${index}`, type, index % 2 === 1));
  return columnLines(read(thingSchemaMessage(fields)).fields);
}

function refusalOf(field: Field): string {
  const schema = readArrowSchema(thingSchemaMessage([field]).subarray(messagePrefixBytes));
  assert.ok(typeof schema === 'string');
  return schema;
}

describe('arrow schema', () => {
  it('columns of every shape: are read, as deep as they go', () => {
    assert.deepEqual(columnLines(read(thingSchemaMessage()).fields), [
      'start_time: timestamp(ns)?',
      'trace_id: utf8?',
      'service_name: utf8?',
      'is_odd: bool?',
      'events: list',
      'events.item: struct',
      'events.item.time: timestamp(ns)?',
      'events.item.name: utf8',
      'extra: binary?',
      'received_time: timestamp(ns)',
      'batch_id: int64',
    ]);
  });

  it('the metadata: is read', () => {
    assert.deepEqual(new Map(read(thingSchemaMessage()).metadata), thingSchemaMetadata);
  });

  it('numbers of every width, and times of other units: are told apart', () => {
    assert.deepEqual(linesOf(new Int8(), new Uint16(), new Int32(), new Uint32()), [
      'c0: int8',
      'c1: uint16?',
      'c2: int32',
      'c3: uint32?',
    ]);
    assert.deepEqual(linesOf(new Int64(), new Uint64(), new Float32(), new Float64(), new Bool()), [
      'c0: int64',
      'c1: uint64?',
      'c2: float32',
      'c3: float64?',
      'c4: bool',
    ]);
    assert.deepEqual(linesOf(new TimestampMicrosecond(), new TimestampNanosecond('UTC')), [
      'c0: timestamp(us)',
      'c1: timestamp(ns, UTC)?',
    ]);
  });

  it('the schema of spans: is read', () => {
    const { fields, metadata } = read(schemaMessage('traces', { writer: 'w', recorder: 'r' }));
    assert.equal(fields.length, 32);
    assert.equal(metadata.get('otlp.archive.schema'), 'spans/1');
    assert.deepEqual(fields[0], {
      name: 'start_time',
      type: 'timestamp(ns)',
      shape: 'fixed',
      bits: 64,
      isNullable: true,
      children: [],
    });
  });

  it('types that no column has: are refused, with the column’s name', () => {
    const item = new Field('item', new Utf8(), false);
    const entries = new Field('entries', new Struct([item, item]), false) as never;
    const types = [
      new Dictionary(new Utf8(), new Int32()),
      new LargeUtf8(),
      new DateDay(),
      new Null(),
      new FixedSizeList(2, item),
      new Map_(entries),
    ];
    for (const type of types)
      assert.match(refusalOf(new Field('odd', type, true)), /column odd has/);
    assert.match(
      refusalOf(new Field('deep', new List(new Field('item', new Null())), true)),
      /item/,
    );
  });

  it('metadata of a column: is refused, as readers take it for an extension type', () => {
    const field = new Field('tagged', new Utf8(), true, new Map([['a', 'b']]));
    assert.match(refusalOf(field), /column tagged has a dictionary or metadata/);
  });

  it('columns nested beyond the bound: are refused', () => {
    let type: DataType = new Utf8();
    for (let depth = 0; depth < 20; depth++) type = new List(new Field('item', type, false));
    assert.match(refusalOf(new Field('deep', type, false)), /nest too deep/);
  });

  it('more columns than the bound: are refused', () => {
    const fields = Array.from(
      { length: 5000 },
      (_, index) => new Field(`c${index}`, new Int8(), false),
    );
    const schema = readArrowSchema(thingSchemaMessage(fields).subarray(messagePrefixBytes));
    assert.equal(schema, 'a vector is too long');
    const struct = new Field('wide', new Struct(fields.slice(0, 4090)), false);
    const wide = thingSchemaMessage([...thingFields, struct]).subarray(messagePrefixBytes);
    assert.equal(readArrowSchema(wide), 'a vector is too long');
  });

  it('bytes that are no message: are refused', () => {
    assert.equal(readArrowSchema(new Uint8Array(0)), 'a part lies outside of the bytes');
    assert.equal(typeof readArrowSchema(new Uint8Array(64)), 'string');
  });
});
