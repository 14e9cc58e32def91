/** Columns from plain values, and what a field writes for them. */
import { Columns } from '../../../src/columns/rebuild/column/columns.ts';
import type { Field } from '../../../src/columns/rebuild/field/field.ts';
import { WireWriter } from '../../../src/columns/rebuild/wire/wire-writer.ts';
import type { ArrowColumn } from '../../../src/shared/arrow-batch.ts';

export type NamedColumns = Readonly<Record<string, ArrowColumn>>;

export function columnsOf(rows: number, columns: NamedColumns): Columns {
  return new Columns({ rows, column: (path) => columns[path] });
}

export function texts(...values: readonly (string | Uint8Array | null)[]): ArrowColumn {
  const parts = values.map((value) => Buffer.from((value ?? '') as string));
  const offsets = offsetsOf(parts.map(({ length }) => length));
  return { validity: validityOf(values), offsets, data: Buffer.concat(parts) };
}

export function u32(...values: readonly number[]): ArrowColumn {
  return numbers(Uint32Array.from(values));
}

export function u64(...values: readonly (bigint | null)[]): ArrowColumn {
  const data = BigUint64Array.from(values, (value) => BigInt.asUintN(64, value ?? 0n));
  return { ...numbers(data), validity: validityOf(values) };
}

export function f64(...values: readonly (number | null)[]): ArrowColumn {
  const data = Float64Array.from(values, (value) => value ?? 0);
  return { ...numbers(data), validity: validityOf(values) };
}

export function bits(...values: readonly (boolean | null)[]): ArrowColumn {
  const data = validityOf(values.map((value) => value || null)) ?? Buffer.alloc(8, 0xff);
  return { validity: validityOf(values), offsets: undefined, data };
}

/** A list with the given count of items in each row. Its items are the column `….item`. */
export function list(...counts: readonly (number | null)[]): ArrowColumn {
  const offsets = offsetsOf(counts.map((count) => count ?? 0));
  return { validity: validityOf(counts), offsets, data: Buffer.alloc(0) };
}

/** Returns what the field writes for a row, as hex. */
export function written(field: Field, columns: Columns, row = 0): string {
  const out = new WireWriter();
  field.load(columns);
  field.write(out, row);
  return Buffer.from(out.content()).toString('hex');
}

function numbers(values: Uint32Array | BigUint64Array | Float64Array): ArrowColumn {
  const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { validity: undefined, offsets: undefined, data };
}

function offsetsOf(lengths: readonly number[]): Int32Array {
  const offsets = new Int32Array(lengths.length + 1);
  for (const [index, length] of lengths.entries()) offsets[index + 1] = offsets[index]! + length;
  return offsets;
}

function validityOf(values: readonly unknown[]): Uint8Array | undefined {
  if (!values.includes(null)) return undefined;
  const bitmap = Buffer.alloc(Math.ceil(values.length / 8));
  for (const [row, value] of values.entries()) {
    if (value !== null) bitmap[row >> 3]! |= 1 << (row & 7);
  }
  return bitmap;
}
