/** Reads an encoded batch with apache-arrow, as the one batch of a stream, into rows. */
import { Decoder } from '@toondepauw/node-zstd';
import {
  CompressionType,
  compressionRegistry,
  type Data,
  DataType,
  type Field,
  RecordBatchReader,
} from 'apache-arrow';
import { archiveSchema, schemaMessage } from '../../src/columns/schema.ts';
import { endOfStream } from '../../src/disk/ipc/ipc-format.ts';
import { recordBatchMessage } from '../../src/disk/ipc/ipc-writer.ts';
import type { EncodedBatch } from '../../src/shared/encoded-batch.ts';
import type { Signal } from '../../src/shared/signal.ts';
import type { Row, Value } from './decode/decoder-harness.ts';

const decoder = new Decoder();

compressionRegistry.set(CompressionType.ZSTD, {
  // This copies the array. The decoder's own may start at any byte, and columns of 8 bytes must be
  // aligned.
  decode: (bytes) => new Uint8Array(decoder.decodeSync(Buffer.from(bytes))),
});

const origin = { writer: 'otlp-archer test', recorder: '6f1b0d7e-9d1c-4c53-8f6d-0a2f7a1f2b3c' };

/** Returns a whole stream with one batch of a signal. */
export function streamOf(batch: EncodedBatch, signal: Signal): Uint8Array {
  const message = recordBatchMessage(batch, new Map());
  return Buffer.concat([schemaMessage(signal, origin), message, batch.body, endOfStream]);
}

export function readArrowRows(batch: EncodedBatch, signal: Signal): Row[] {
  return [...RecordBatchReader.from(streamOf(batch, signal))].flatMap(({ data }) =>
    readStructs(data),
  );
}

/** Returns the rows of a batch, or the structs of a list, by column. */
export function readStructs(data: Data): Row[] {
  const rows = Array.from({ length: data.length }, (): Row => ({}));
  for (const [index, { name }] of (data.type.children as Field[]).entries()) {
    const values = readValues(data.children[index]!);
    for (const [row, value] of values.entries()) rows[row]![name] = value;
  }
  return rows;
}

function readValues(data: Data): Value[] {
  const readValue = valueReader(data);
  return Array.from({ length: data.length }, (_, row) => {
    return data.getValid(row) ? readValue(row) : null;
  });
}

/** Reads the arrays themselves: apache-arrow's own access turns nanoseconds into milliseconds. */
function valueReader(data: Data): (row: number) => Value {
  const { values, valueOffsets } = data;
  const bytes = (row: number) => {
    return Buffer.from(values.subarray(valueOffsets[row], valueOffsets[row + 1]));
  };
  if (DataType.isUtf8(data.type)) return (row) => bytes(row).toString('utf8');
  if (DataType.isBinary(data.type)) return (row) => bytes(row).toString('hex');
  if (DataType.isBool(data.type)) return (row) => ((values[row >> 3]! >> (row & 7)) & 1) === 1;
  if (!DataType.isList(data.type)) return (row) => values[row];
  const child = data.children[0]!;
  const items = DataType.isStruct(child.type) ? readStructs(child) : readValues(child);
  return (row) => items.slice(valueOffsets[row], valueOffsets[row + 1]);
}

/** Returns how many nodes and buffers the fields of a signal have. */
export function expectedCounts(signal: Signal): { nodes: number; buffers: number } {
  const counts = { nodes: 0, buffers: 0 };
  const visit = ({ type }: Field) => {
    counts.nodes++;
    counts.buffers += bufferCount(type);
    for (const child of type.children ?? []) visit(child);
  };
  for (const field of archiveSchema(signal, origin).fields) visit(field);
  return counts;
}

/**
 * Returns the count of buffers: validity; then offsets and data for text, offsets for a list, none
 * for a struct, else values.
 */
function bufferCount(type: DataType): number {
  if (DataType.isUtf8(type) || DataType.isBinary(type)) return 3;
  return DataType.isStruct(type) ? 1 : 2;
}
