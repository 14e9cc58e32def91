/** Reads the values of a column, lists and structs included, one by one. */
import type { ColumnLayout } from '../disk/ipc/column-layout.ts';
import type { ArrowBatch, ArrowColumn } from '../shared/arrow-batch.ts';
import { invariant } from '../shared/invariant.ts';

/** The value in a place of the column; null where it is NULL. */
export type CellReader = (index: number) => unknown;

/** What is made of the text of a JSON column. */
export type ReadJson = (text: string) => unknown;

/** The columns of text that hold JSON, whatever they lie in. */
const jsonColumns: ReadonlySet<string> = new Set([
  'attributes',
  'scope_attributes',
  'resource_attributes',
  'metadata',
]);

/**
 * 64-bit integers and times are bigint, bytes a copy, lists arrays and structs objects. All columns
 * that it needs are read at once, so that what is damaged is found before the first value.
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

/** Rows of one text follow each other: they get one value, which is quicker than one each. */
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
  // A decompressor's output may lie at any address, and numbers may not.
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
