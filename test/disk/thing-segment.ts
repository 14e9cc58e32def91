/** Segments of a schema with a column of every shape. Tests can make each part wrong. */
import { Encoder } from '@toondepauw/node-zstd';
import {
  Binary,
  Bool,
  Field,
  Int64,
  List,
  Schema,
  Struct,
  Table,
  TimestampNanosecond,
  tableToIPC,
  Utf8,
} from 'apache-arrow';
import { type ArrowSchema, readArrowSchema } from '../../src/disk/ipc/arrow-schema.ts';
import { endOfStream, messagePrefixBytes, padded } from '../../src/disk/ipc/ipc-format.ts';
import { recordBatchMessage } from '../../src/disk/ipc/ipc-writer.ts';
import { messageMetadata } from '../../src/disk/ipc/message-metadata.ts';
import type { EncodedBatch } from '../../src/shared/encoded-batch.ts';

export const thingRecorder = '0f8fad5b-d9cb-469f-a165-70867728950e';

/** 2026-11-21T08:53:05.123Z in ns. */
export const thingTime = 1_795_251_185_123_000_000n;

const item = new Struct([
  new Field('time', new TimestampNanosecond(), true),
  new Field('name', new Utf8(), false),
]);

export const thingFields: readonly Field[] = [
  new Field('start_time', new TimestampNanosecond(), true),
  new Field('trace_id', new Utf8(), true),
  new Field('service_name', new Utf8(), true),
  new Field('is_odd', new Bool(), true),
  new Field('events', new List(new Field('item', item, false)), false),
  new Field('extra', new Binary(), true),
  new Field('received_time', new TimestampNanosecond(), false),
  new Field('batch_id', new Int64(), false),
];

export const thingSchemaMetadata = new Map([
  ['otlp.archive.schema', 'things/1'],
  ['otlp.archive.writer', 'otlp-archer 0.1.0'],
  ['otlp.archive.recorder', thingRecorder],
]);

/** Returns a whole first message. */
export function thingSchemaMessage(
  fields: readonly Field[] = thingFields,
  metadata: Map<string, string> = thingSchemaMetadata,
): Uint8Array {
  const stream = tableToIPC(new Table(new Schema([...fields], metadata)), 'stream');
  return stream.slice(0, stream.byteLength - messagePrefixBytes);
}

/** Returns the known schemas in the form that a check expects. */
export function thingSchemas(): ReadonlyMap<string, ArrowSchema> {
  const schema = readArrowSchema(thingSchemaMessage().subarray(messagePrefixBytes));
  if (typeof schema === 'string') throw new Error(schema);
  return new Map([['things/1', schema]]);
}

/** A batch before its layout, so that each part can still be changed. */
export interface ThingParts {
  rows: number;
  /** In the order of the columns, depth first: length, null count. */
  nodes: number[];
  /** Uncompressed buffers by `column`, `column.offsets` and `column.validity`. */
  readonly buffers: Map<string, Uint8Array>;
  stats: EncodedBatch['stats'];
  traceIdFilter: Uint8Array | undefined;
  from: bigint;
  to: bigint;
}

const traceIds = ['00f067aa0ba902b700f067aa0ba902b7', '4bf92f3577b34da6a3ce929d0e0e4736'] as const;

/** Returns rows from `first` on, each a request of its own. Every third nullable value is NULL. */
export function thingParts(first: number, rows: number): ThingParts {
  const ids = Array.from({ length: rows }, (_, index) => first + index);
  const times = ids.map((id) => (id % 3 === 0 ? null : thingTime - BigInt(id)));
  const services = ids.map((id) => (id % 3 === 0 ? null : `shöp ${id % 2}`));
  const eventIds = ids.flatMap((id) => Array.from({ length: id % 3 }, () => id));
  const eventTimes = eventIds.map((id) => (id % 3 === 1 ? thingTime : null));
  const received = ids.map(() => thingTime);
  const known = times.filter((time) => time !== null).sort();
  const buffers = new Map([
    ['start_time.validity', validity(times)],
    ['start_time', int64(times)],
    ...texts(
      'trace_id',
      ids.map((id) => (id % 3 === 0 ? null : traceIds[id % 2]!)),
    ),
    ...texts('service_name', services),
    ['is_odd.validity', validity(times)],
    ['is_odd', bits(ids.map((id) => id % 2 === 1))],
    ['events.validity', nothing],
    ['events.offsets', offsets(ids.map((id) => id % 3))],
    ['events.item.validity', nothing],
    ['events.item.time.validity', validity(eventTimes)],
    ['events.item.time', int64(eventTimes)],
    ...texts(
      'events.item.name',
      eventIds.map((id) => `event ${id} €`),
    ),
    ...texts(
      'extra',
      ids.map((id) => (id % 3 === 0 ? null : `\u0000${id}`)),
    ),
    ['received_time.validity', nothing],
    ['received_time', int64(received)],
    ['batch_id.validity', nothing],
    ['batch_id', int64(ids.map(BigInt))],
  ]);
  const nulls = times.filter((time) => time === null).length;
  const eventNulls = eventTimes.filter((time) => time === null).length;
  const count = eventIds.length;
  return {
    rows,
    nodes: [
      ...[rows, nulls, rows, nulls, rows, nulls, rows, nulls, rows, 0],
      ...[count, 0, count, eventNulls, count, 0],
      ...[rows, nulls, rows, 0, rows, 0],
    ],
    buffers,
    stats: {
      rows,
      firstTime: known[0] ?? null,
      lastTime: known.at(-1) ?? null,
      firstReceivedTime: thingTime,
      lastReceivedTime: thingTime,
      services: [...new Set(services.filter((name) => name !== null))],
    },
    // A filter with all bits set contains every id.
    traceIdFilter: new Uint8Array(8).fill(255),
    from: BigInt(first),
    to: BigInt(first + rows - 1),
  };
}

export interface ThingOptions {
  readonly compression?: EncodedBatch['compression'];
  /** Stores a buffer in a compressed body. */
  readonly store?: (name: string, content: Uint8Array) => Uint8Array;
  /** Changes the metadata of the message, as the last step. */
  readonly changeMetadata?: (metadata: Map<string, string>) => void;
  /** Changes the pairs of offset and bytes in the header. */
  readonly changePlaces?: (places: number[]) => void;
  readonly changeBody?: (body: Uint8Array) => void;
}

/** Returns a batch as a whole message with its body. */
export function thingBatch(parts: ThingParts, options: ThingOptions = {}): Buffer {
  const { compression = 'zstd', store = stored } = options;
  const stowed = [...parts.buffers].map(([name, content]) =>
    compression === 'zstd' ? store(name, content) : content,
  );
  const { body, places } = concatenated(stowed);
  options.changeBody?.(body);
  options.changePlaces?.(places);
  const batch: EncodedBatch = {
    rows: parts.rows,
    nodes: parts.nodes,
    buffers: places,
    compression,
    body,
    stats: parts.stats,
    ...(parts.traceIdFilter && { traceIdFilter: parts.traceIdFilter }),
  };
  const range = { recorder: thingRecorder, lane: 0, from: parts.from, to: parts.to };
  const metadata = new Map(messageMetadata(batch, range));
  options.changeMetadata?.(metadata);
  return Buffer.concat([recordBatchMessage(batch, metadata), body]);
}

/** Returns a segment: schema, batches of three and four rows, end mark. */
export function thingSegment(options: ThingOptions = {}): Buffer {
  const batches = [thingBatch(thingParts(1, 3), options), thingBatch(thingParts(4, 4), options)];
  return Buffer.concat([thingSchemaMessage(), ...batches, endOfStream]);
}

/** Stores a length and a zstd frame, or the bytes themselves if the frame is not smaller. */
export function stored(_name: string, content: Uint8Array): Uint8Array {
  if (content.byteLength === 0) return content;
  const frame = new Encoder(1).encodeSync(Buffer.from(content));
  const isSmaller = frame.byteLength < content.byteLength;
  return prefixed(isSmaller ? content.byteLength : -1, isSmaller ? frame : content);
}

export function prefixed(length: number, content: Uint8Array): Uint8Array {
  const prefix = Buffer.alloc(8);
  prefix.writeBigInt64LE(BigInt(length));
  return Buffer.concat([prefix, content]);
}

const nothing = new Uint8Array(0);

function concatenated(buffers: readonly Uint8Array[]) {
  const body = new Uint8Array(buffers.reduce((sum, bytes) => sum + padded(bytes.byteLength), 0));
  const places: number[] = [];
  let offset = 0;
  for (const bytes of buffers) {
    places.push(offset, bytes.byteLength);
    body.set(bytes, offset);
    offset += padded(bytes.byteLength);
  }
  return { body, places };
}

function validity(values: readonly unknown[]): Uint8Array {
  if (values.every((value) => value !== null)) return nothing;
  return bits(values.map((value) => value !== null));
}

export function bits(flags: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(flags.length / 8));
  for (const [index, flag] of flags.entries()) if (flag) bytes[index >> 3]! |= 1 << (index & 7);
  return bytes;
}

export function int64(values: readonly (bigint | null)[]): Uint8Array {
  return new Uint8Array(BigInt64Array.from(values, (value) => value ?? 0n).buffer);
}

/** Returns offsets: one more than there are lengths. */
export function offsets(lengths: readonly number[]): Uint8Array {
  let end = 0;
  const ends = lengths.map((length) => {
    end += length;
    return end;
  });
  return new Uint8Array(Int32Array.from([0, ...ends]).buffer);
}

function texts(name: string, values: readonly (string | null)[]): [string, Uint8Array][] {
  const parts = values.map((value) => Buffer.from(value ?? ''));
  return [
    [`${name}.validity`, validity(values)],
    [`${name}.offsets`, offsets(parts.map((part) => part.byteLength))],
    [name, Buffer.concat(parts)],
  ];
}
