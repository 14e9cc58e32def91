/** Compares the rows of two batches, column by column. */
import { columnLines } from '../ipc/arrow-schema.ts';
import type { ColumnLayout } from '../ipc/column-layout.ts';
import { DamagedColumnError, type StoredBatch } from '../ipc/stored-batch.ts';

/**
 * True if the first rows of the longer batch are exactly the rows of the shorter one. False also if
 * their columns differ or a column cannot be read: then nothing proves that the rows are the same.
 */
export function beginsWithRows(longer: StoredBatch, shorter: StoredBatch): boolean {
  const { rows } = shorter;
  const lines = ({ layout }: StoredBatch) => columnLines(layout.columns.map(({ field }) => field));
  if (longer.rows < rows || lines(longer).join() !== lines(shorter).join()) return false;
  try {
    return shorter.layout.columns.every((column) => isSameColumn(column, rows, longer, shorter));
  } catch (error) {
    if (error instanceof DamagedColumnError) return false;
    throw error;
  }
}

/** True if the first `length` values of the column are the same in both batches. */
function isSameColumn(
  { path, field, children }: ColumnLayout,
  length: number,
  a: StoredBatch,
  b: StoredBatch,
): boolean {
  const [first, second] = [a.column(path), b.column(path)];
  if (first === undefined || second === undefined) return false;
  for (let index = 0; index < length; index++) {
    if (bitAt(first.validity, index) !== bitAt(second.validity, index)) return false;
  }
  const isSameBelow = (count: number) =>
    children.every((child) => isSameColumn(child, count, a, b));
  if (field.shape === 'struct') return isSameBelow(length);
  if (field.shape === 'fixed') {
    if (field.bits > 1) return isSameStart(first.data, second.data, (length * field.bits) / 8);
    for (let index = 0; index < length; index++) {
      if (bitAt(first.data, index) !== bitAt(second.data, index)) return false;
    }
    return true;
  }
  const [offsets, otherOffsets] = [first.offsets, second.offsets];
  if (offsets === undefined || otherOffsets === undefined) return false;
  for (let index = 0; index <= length; index++) {
    if (offsets[index] !== otherOffsets[index]) return false;
  }
  const end = offsets[length] ?? 0;
  return field.shape === 'list' ? isSameBelow(end) : isSameStart(first.data, second.data, end);
}

/** A missing bitmap stands for ones. */
function bitAt(bitmap: Uint8Array | undefined, index: number): number {
  return bitmap === undefined ? 1 : (bitmap[index >> 3]! >> (index & 7)) & 1;
}

function isSameStart(a: Uint8Array, b: Uint8Array, bytes: number): boolean {
  return Buffer.compare(a.subarray(0, bytes), b.subarray(0, bytes)) === 0;
}
