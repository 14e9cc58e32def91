/** Applies a filter to the rows of a batch. */
import type { StoredBatch } from '../disk/ipc/stored-batch.ts';
import { toBatchId } from '../shared/batch-id.ts';
import { invariant } from '../shared/invariant.ts';
import type { Signal } from '../shared/signal.ts';
import { type PositionRange, type RowFilter, timeColumns } from './row-filter.ts';

export interface RowSelection {
  /** Number of selected rows. */
  readonly count: number;
  /** One byte for each row, 1 if it is selected; undefined if all rows are. */
  readonly mask: Uint8Array | undefined;
}

/** Reads only the columns that the filter needs. */
export function selectRows(batch: StoredBatch, signal: Signal, filter: RowFilter): RowSelection {
  const mask = new Uint8Array(batch.rows).fill(1);
  const { from, to, texts, positions } = filter;
  if (from !== undefined || to !== undefined) {
    keepBetween(mask, timesOf(batch, signal), from, to === undefined ? undefined : to - 1n);
  }
  if (positions !== undefined) keepPositions(mask, batch, positions);
  for (const [column, wanted] of texts ?? []) keepTexts(mask, batch, column, wanted);
  const count = mask.reduce((sum, isWanted) => sum + isWanted, 0);
  return { count, mask: count === batch.rows ? undefined : mask };
}

/** Undefined if the row has no time. */
type TimeOfRow = (row: number) => bigint | undefined;

function timesOf(batch: StoredBatch, signal: Signal): TimeOfRow {
  const columns = timeColumns[signal].map((name) => numbers(batch, name));
  return (row) => {
    for (const { validity, values } of columns) if (!isNull(validity, row)) return values[row];
    return undefined;
  };
}

function keepPositions(mask: Uint8Array, batch: StoredBatch, range: PositionRange): void {
  const { values } = numbers(batch, 'batch_id');
  const [first, last] = [range.from, range.through].map((at) => toBatchId(range.lane, at));
  keepBetween(mask, (row) => values[row], first, last);
}

/** Deselects rows outside of the bounds, which are inclusive. */
function keepBetween(
  mask: Uint8Array,
  value: TimeOfRow,
  least: bigint | undefined,
  greatest: bigint | undefined,
): void {
  for (let row = 0; row < mask.length; row++) {
    const found = value(row);
    const isAbove = found !== undefined && (least === undefined || found >= least);
    if (!isAbove || (greatest !== undefined && found > greatest)) mask[row] = 0;
  }
}

function keepTexts(
  mask: Uint8Array,
  batch: StoredBatch,
  name: string,
  wanted: ReadonlySet<string>,
): void {
  const { validity, offsets, data } = batch.column(name) ?? {};
  invariant(offsets !== undefined && data !== undefined, 'the schema has the column, of text');
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  // Equal texts often follow each other, and comparing bytes is cheaper than making a string.
  let [knownStart, knownEnd, isKnownWanted] = [0, 0, wanted.has('')];
  for (let row = 0; row < mask.length; row++) {
    const [start, end] = [offsets[row]!, offsets[row + 1]!];
    const isSame = end - start === knownEnd - knownStart;
    if (!isSame || bytes.compare(bytes, knownStart, knownEnd, start, end) !== 0) {
      [knownStart, knownEnd] = [start, end];
      isKnownWanted = wanted.has(bytes.toString('utf8', start, end));
    }
    if (!isKnownWanted || isNull(validity, row)) mask[row] = 0;
  }
}

function numbers(batch: StoredBatch, name: string) {
  const column = batch.column(name);
  invariant(column !== undefined, 'the schema has the column, of 64-bit numbers');
  const { validity, data } = column;
  // The output of a decompressor may not be aligned.
  const { buffer, byteOffset, byteLength } = data.byteOffset % 8 === 0 ? data : data.slice();
  return { validity, values: new BigInt64Array(buffer, byteOffset, byteLength / 8) };
}

function isNull(validity: Uint8Array | undefined, row: number): boolean {
  return validity !== undefined && ((validity[row >> 3]! >> (row & 7)) & 1) === 0;
}
