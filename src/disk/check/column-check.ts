/**
 * Checks a column of a batch, including its children, against Arrow's rules for nodes and buffers.
 */
import { isUtf8 } from 'node:buffer';
import type { BatchBody } from '../ipc/batch-body.ts';
import type { FieldNode } from '../ipc/batch-header.ts';
import type { ColumnLayout } from '../ipc/column-layout.ts';

/** The valid values of a column without children. */
export interface ColumnValues {
  readonly length: number;
  /** Undefined if no value is NULL. */
  readonly validity: Uint8Array | undefined;
  /** Only for texts and bytes. */
  readonly offsets: Int32Array | undefined;
  readonly data: Uint8Array;
}

export interface BatchUnderCheck {
  readonly nodes: readonly FieldNode[];
  readonly body: BatchBody;
  /** Called for each fault, with its offset in the file. */
  readonly report: (offset: number, what: string) => void;
  /** Called with the values of each column without children. They are valid during the call. */
  readonly take: (column: ColumnLayout, values: ColumnValues) => void;
}

/** Reports at most one fault per column. Children of a faulty column are not checked. */
export function checkColumn(column: ColumnLayout, length: number, batch: BatchUnderCheck): void {
  const validity = readValidity(column, length, batch);
  if (validity === 'faulty') return;
  const { shape, bits } = column.field;
  if (shape === 'struct') {
    for (const child of column.children) checkColumn(child, length, batch);
    return;
  }
  if (shape === 'fixed') {
    const data = readBuffer(column, 1, Math.ceil((length * bits) / 8), batch);
    if (data !== undefined) batch.take(column, { length, validity, offsets: undefined, data });
    return;
  }
  const offsets = readOffsets(column, length, batch);
  if (offsets === undefined) return;
  const end = offsets[length] ?? 0;
  if (shape === 'list') {
    for (const child of column.children) checkColumn(child, end, batch);
    return;
  }
  const data = readBuffer(column, 2, end, batch);
  if (data === undefined) return;
  const row = shape === 'text' ? firstBrokenText(offsets, data) : -1;
  if (row >= 0) report(column, 2, `row ${row} is not UTF-8`, batch);
  else batch.take(column, { length, validity, offsets, data });
}

/** The bitmap; undefined if no value is NULL. */
function readValidity(
  column: ColumnLayout,
  length: number,
  batch: BatchUnderCheck,
): Uint8Array | undefined | 'faulty' {
  const node = batch.nodes[column.nodeIndex];
  const fault = nodeFault(column, length, node);
  if (node === undefined || fault !== undefined) {
    report(column, 0, fault ?? 'it has no field node', batch);
    return 'faulty';
  }
  const { nullCount } = node;
  if (nullCount === 0 && batch.body.storedBytes(column.bufferIndex) === 0) return undefined;
  const bitmap = readBuffer(column, 0, Math.ceil(length / 8), batch);
  if (bitmap === undefined) return 'faulty';
  const counted = length - countBits(bitmap, length);
  if (counted === nullCount) return nullCount === 0 ? undefined : bitmap;
  report(column, 0, `${counted} values are NULL and its field node says ${nullCount}`, batch);
  return 'faulty';
}

function nodeFault(column: ColumnLayout, length: number, node?: FieldNode): string | undefined {
  if (node === undefined) return undefined;
  if (node.length !== length) return `it has ${node.length} values where ${length} belong`;
  if (node.nullCount > length) return `${node.nullCount} of its ${length} values are NULL`;
  if (node.nullCount === 0 || column.field.isNullable) return undefined;
  return `${node.nullCount} values are NULL, and none may be`;
}

/** Number of ones among the first `bits` bits. */
function countBits(bitmap: Uint8Array, bits: number): number {
  let count = 0;
  for (let index = 0; index < bits; index++) count += (bitmap[index >> 3]! >> (index & 7)) & 1;
  return count;
}

/** Offsets start at 0 and never fall. There is one more offset than values. */
function readOffsets(
  column: ColumnLayout,
  length: number,
  batch: BatchUnderCheck,
): Int32Array | undefined {
  // The single offset of an empty column may be absent.
  if (length === 0 && batch.body.storedBytes(column.bufferIndex + 1) === 0)
    return new Int32Array(1);
  const bytes = readBuffer(column, 1, (length + 1) * 4, batch);
  if (bytes === undefined) return undefined;
  const offsets = toInt32(bytes);
  const row = offsets.findIndex((offset, index) => offset < (offsets[index - 1] ?? 0));
  if (offsets[0] === 0 && row < 0) return offsets;
  const what = row > 0 ? `the offsets fall at row ${row - 1}` : 'the offsets do not start at 0';
  report(column, 1, what, batch);
  return undefined;
}

/** Copies if needed, because the output of a decompressor may not be aligned. */
function toInt32(bytes: Uint8Array): Int32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

/** The first row that is not UTF-8; -1 if all rows are. */
function firstBrokenText(offsets: Int32Array, data: Uint8Array): number {
  const isWhole = isUtf8(data);
  for (let row = 0; row + 1 < offsets.length; row++) {
    const [start, end] = [offsets[row]!, offsets[row + 1]!];
    // If the whole buffer is UTF-8, a row is too unless it is cut inside a character.
    if (isWhole ? isInsideCharacter(data[end]) : !isUtf8(data.subarray(start, end))) return row;
  }
  return -1;
}

function isInsideCharacter(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function readBuffer(
  column: ColumnLayout,
  place: number,
  bytes: number,
  batch: BatchUnderCheck,
): Uint8Array | undefined {
  const content = batch.body.read(column.bufferIndex + place, bytes);
  if (typeof content !== 'string') return content;
  report(column, place, content, batch);
  return undefined;
}

function report(column: ColumnLayout, place: number, what: string, batch: BatchUnderCheck): void {
  const offset = batch.body.fileOffset(column.bufferIndex + place);
  batch.report(offset, `column ${column.path}: ${what}`);
}
