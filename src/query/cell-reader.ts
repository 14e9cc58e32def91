/** Reads the values of a column one by one, including lists and structs. */
import type { ColumnLayout } from '../disk/ipc/column-layout.ts';
import type { ArrowBatch, ArrowColumn } from '../shared/arrow-batch.ts';
import { invariant } from '../shared/invariant.ts';

/** Returns the value at an index of the column; null for NULL. */
export type CellReader = (index: number) => unknown;

/** Converts the text of a JSON column. */
export type ReadJson = (text: string) => unknown;

/** The names of text columns that hold JSON, at any depth. */
const jsonColumns: ReadonlySet<string> = new Set([
  'attributes',
  'scope_attributes',
  'resource_attributes',
  'metadata',
]);

/**
 * Returns 64-bit integers and times as bigint, bytes as a copy, lists as arrays and structs as
 * objects. All columns needed are read here, so that damage is found before the first value.
 */
export function cellReader(
  batch: ArrowBatch,
  layout: ColumnLayout,
  readJson: ReadJson,
): CellReader {
  const column = batch.column(layout.path);
  invariant(column !== undefined, 'a batch has the columns of its layout');
  const read = valueReader(batch, layout, column, readJson);
  const { validity } = column;
  if (validity === undefined) return read;
  return (index) => (((validity[index >> 3]! >> (index & 7)) & 1) === 0 ? null : read(index));
}

function valueReader(
  batch: ArrowBatch,
  layout: ColumnLayout,
  column: ArrowColumn,
  readJson: ReadJson,
): CellReader {
  const { shape, name } = layout.field;
  if (shape === 'fixed') return fixedReader(layout, column);
  if (shape === 'struct') return structReader(batch, layout, readJson);
  const { offsets, data } = column;
  invariant(offsets !== undefined, 'lists, texts and bytes have offsets');
  if (shape === 'list') {
    const [items] = layout.children.map((child) => cellReader(batch, child, readJson));
    return (index) => {
      const [start, end] = [offsets[index]!, offsets[index + 1]!];
      return Array.from({ length: end - start }, (_, item) => items?.(start + item));
    };
  }
  if (shape === 'bytes') return (index) => data.slice(offsets[index], offsets[index + 1]);
  return textReader(offsets, data, jsonColumns.has(name) ? readJson : (text) => text);
}

/** Equal texts often follow each other. They share one value, which is faster. */
function textReader(offsets: Int32Array, data: Uint8Array, read: ReadJson): CellReader {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  let [knownStart, knownEnd] = [0, 0];
  let known = read('');
  return (index) => {
    const [start, end] = [offsets[index]!, offsets[index + 1]!];
    const isSame = end - start === knownEnd - knownStart;
    if (isSame && bytes.compare(bytes, knownStart, knownEnd, start, end) === 0) return known;
    [knownStart, knownEnd] = [start, end];
    known = read(bytes.toString('utf8', start, end));
    return known;
  };
}

function structReader(batch: ArrowBatch, layout: ColumnLayout, readJson: ReadJson): CellReader {
  const members = layout.children.map((child) => {
    return [child.field.name, cellReader(batch, child, readJson)] as const;
  });
  return (index) => {
    const value: Record<string, unknown> = {};
    for (const [name, read] of members) value[name] = read(index);
    return value;
  };
}

function fixedReader(layout: ColumnLayout, { data }: ArrowColumn): CellReader {
  const { type, bits } = layout.field;
  if (type === 'bool') return (index) => ((data[index >> 3]! >> (index & 7)) & 1) === 1;
  // The output of a decompressor may not be aligned.
  const { buffer, byteOffset, byteLength } = data.byteOffset % 8 === 0 ? data : data.slice();
  const length = (byteLength * 8) / bits;
  const values = new arrays[arrayName(type)](buffer as ArrayBuffer, byteOffset, length);
  return (index) => values[index];
}

const arrays = {
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float64: Float64Array,
} as const;

function arrayName(type: string): keyof typeof arrays {
  if (type === 'timestamp(ns)') return 'int64';
  invariant(type in arrays, 'the archive has numbers of these types only');
  return type as keyof typeof arrays;
}
