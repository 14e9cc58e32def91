/** Checks a column of a batch, children included, against what Arrow asks of nodes and buffers. */
import { isUtf8 } from 'node:buffer';
import type { BatchBody } from '../ipc/batch-body.ts';
import type { FieldNode } from '../ipc/batch-header.ts';
import type { ColumnLayout } from '../ipc/column-layout.ts';

/** The values of a column without children, after they were found sound. */
export interface ColumnValues {
  readonly length: number;
  /** Undefined where none is NULL. */
  readonly validity: Uint8Array | undefined;
  /** Of texts and bytes. */
  readonly offsets: Int32Array | undefined;
  readonly data: Uint8Array;
}

export interface BatchUnderCheck {
  readonly nodes: readonly FieldNode[];
  readonly body: BatchBody;
  /** Told of each fault; the offset is one in the file. */
  readonly report: (offset: number, what: string) => void;
  /** Told of the values of each column that holds some itself, valid until the next. */
  readonly take: (column: ColumnLayout, values: ColumnValues) => void;
}

/** Reports one fault of each column at most; of the children of a faulty one nothing is known. */
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

/** The bitmap; undefined where nothing is NULL. */
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

/** The ones among the first so many bits. */
function countBits(bitmap: Uint8Array, bits: number): number {
  let count = 0;
  for (let index = 0; index < bits; index++) count += (bitmap[index >> 3]! >> (index & 7)) & 1;
  return count;
}

/** One more than there are values, from 0 on, never falling. */
function readOffsets(
  column: ColumnLayout,
  length: number,
  batch: BatchUnderCheck,
): Int32Array | undefined {
  // Of no values the one offset may be left out.
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

/** A decompressor's output may lie at any address, and columns of four bytes may not. */
function toInt32(bytes: Uint8Array): Int32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

/** The first row that is not UTF-8; -1 where all are, so all bytes and each row's start. */
function firstBrokenText(offsets: Int32Array, data: Uint8Array): number {
  const isWhole = isUtf8(data);
  for (let row = 0; row + 1 < offsets.length; row++) {
    const [start, end] = [offsets[row]!, offsets[row + 1]!];
    // Of UTF-8 the parts are UTF-8 unless they are cut within a character, which is quick to see.
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
