/** Batches of three columns for the tests of disk/, built by hand in the form of columns/. */
import { Encoder } from '@toondepauw/node-zstd';
import { Field, Float64, Int64, Schema, Table, tableToIPC, Utf8 } from 'apache-arrow';
import { messagePrefixBytes, padded } from '../../src/disk/ipc/ipc-format.ts';
import type { EncodedBatch } from '../../src/shared/encoded-batch.ts';

export const exampleSchema = new Schema([
  new Field('id', new Int64(), false),
  new Field('name', new Utf8(), true),
  new Field('value', new Float64(), false),
]);

export interface ExampleRow {
  readonly id: bigint;
  readonly name: string | null;
  readonly value: number;
}

export interface ExampleOptions {
  readonly compression?: EncodedBatch['compression'];
  readonly receivedTime?: bigint;
  readonly services?: readonly string[];
  readonly traceIdFilter?: Uint8Array;
  /** True if the body lies in shared memory, as a lane's body does. */
  readonly isShared?: boolean;
}

/** 2026-11-21T08:53:05.123Z in ns. */
export const exampleTime = 1_795_251_185_123_000_000n;

/** Returns a whole first message: marker, length, flatbuffer, padding. */
export function exampleSchemaMessage(): Uint8Array {
  const stream = tableToIPC(new Table(exampleSchema), 'stream');
  return stream.slice(0, stream.byteLength - messagePrefixBytes);
}

/** Returns rows with ids from `first` on. Every third name is NULL. */
export function exampleRows(first: number, count: number): ExampleRow[] {
  return Array.from({ length: count }, (_, index) => {
    const id = first + index;
    return { id: BigInt(id), name: id % 3 === 0 ? null : `name ${id} ü`, value: id / 8 };
  });
}

export function exampleBatch(
  rows: readonly ExampleRow[],
  options: ExampleOptions = {},
): EncodedBatch {
  const { compression = 'zstd', receivedTime = exampleTime } = options;
  const nullCount = rows.filter(({ name }) => name === null).length;
  const parts = [
    new Uint8Array(0),
    bytesOf(BigInt64Array.from(rows, ({ id }) => id)),
    nullCount === 0 ? new Uint8Array(0) : validity(rows.map(({ name }) => name !== null)),
    ...textBuffers(rows.map(({ name }) => name ?? '')),
    new Uint8Array(0),
    bytesOf(Float64Array.from(rows, ({ value }) => value)),
  ].map((part) => (compression === 'zstd' ? compressed(part) : part));
  const { body, buffers } = concatenated(parts, options.isShared ?? false);
  return {
    rows: rows.length,
    nodes: [rows.length, 0, rows.length, nullCount, rows.length, 0],
    buffers,
    compression,
    body,
    stats: {
      rows: rows.length,
      firstTime: receivedTime - 1000n,
      lastTime: receivedTime - 1n,
      firstReceivedTime: receivedTime,
      lastReceivedTime: receivedTime,
      services: options.services ?? ['shop'],
    },
    ...(options.traceIdFilter && { traceIdFilter: options.traceIdFilter }),
  };
}

/** Keeps every third buffer uncompressed after the length -1, as the format allows. */
function compressed(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength === 0) return bytes;
  const isRaw = bytes.byteLength < 16;
  const content = isRaw ? bytes : new Encoder(1).encodeSync(Buffer.from(bytes));
  const result = new Uint8Array(8 + content.byteLength);
  const length = isRaw ? -1n : BigInt(bytes.byteLength);
  new DataView(result.buffer).setBigInt64(0, length, true);
  result.set(content, 8);
  return result;
}

function concatenated(parts: readonly Uint8Array[], isShared: boolean) {
  const bytes = parts.reduce((sum, part) => sum + padded(part.byteLength), 0);
  const body = new Uint8Array(isShared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
  const buffers: number[] = [];
  let offset = 0;
  for (const part of parts) {
    buffers.push(offset, part.byteLength);
    body.set(part, offset);
    offset += padded(part.byteLength);
  }
  return { body, buffers };
}

function bytesOf(numbers: BigInt64Array | Float64Array | Int32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

function validity(flags: readonly boolean[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(flags.length / 8));
  for (const [index, flag] of flags.entries()) {
    if (flag) bits[index >> 3]! |= 1 << (index & 7);
  }
  return bits;
}

function textBuffers(texts: readonly string[]): [Uint8Array, Uint8Array] {
  const parts = texts.map((text) => Buffer.from(text));
  const offsets = new Int32Array(texts.length + 1);
  for (const [index, part] of parts.entries()) offsets[index + 1] = offsets[index]! + part.length;
  return [bytesOf(offsets), new Uint8Array(Buffer.concat(parts))];
}
