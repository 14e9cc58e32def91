/** What the columns cannot say of the request being read, on its way into `otlp_extra`. */

import { TextColumn } from '../column/text-column.ts';
import { ByteBuffer } from '../memory/byte-buffer.ts';
import { bytesType, varintType } from '../wire/wire-reader.ts';
import { ExtraPart, notedBytes } from './extra-part.ts';

/*
 * The value of a row is a small protobuf of our own (docs/format/segment.md). While a request is
 * read, what its parts are made of is only noted: pieces of the frame, which stays until the
 * request has ended. Then, if there is any, the column of all its rows is written.
 */

export const requestPart = new ExtraPart((1 << 3) | bytesType);
export const resourceGroupPart = new ExtraPart((2 << 3) | bytesType);
export const resourcePart = new ExtraPart((3 << 3) | bytesType);
export const scopeGroupPart = new ExtraPart((4 << 3) | bytesType);
export const scopePart = new ExtraPart((5 << 3) | bytesType);
const metricPart = new ExtraPart((6 << 3) | bytesType);
const recordPart = new ExtraPart((7 << 3) | bytesType);

const noPointsTag: u32 = (8 << 3) | varintType;
const noPointsPart = new ExtraPart(noPointsTag);

/** In the order of their field numbers. */
const parts: StaticArray<ExtraPart> = [
  requestPart,
  resourceGroupPart,
  resourcePart,
  scopeGroupPart,
  scopePart,
  metricPart,
  recordPart,
  noPointsPart,
];

/** What is appended here stays until the request ends: for what is not a piece of the frame. */
export const extraScratch: ByteBuffer = new ByteBuffer(1024);

/** Keeps the message of a row, which lies between `start` and `end` in the frame. Rows rise. */
export function keepRecord(row: u32, start: usize, end: usize): void {
  recordPart.add(row, start, <u32>(end - start));
}

/** Forgets what was kept of the rows from `row` on, which are no more. */
export function forgetRecords(row: u32): void {
  recordPart.truncate(row);
}

/** Keeps a Metric without its data points, which lies in `extraScratch`, with its first row. */
export function keepMetric(row: u32, address: usize, bytes: u32): void {
  metricPart.add(row, address - extraScratch.address, bytes);
}

/** Notes that the row stands for a Metric without data points. */
export function keepNoPoints(row: u32): void {
  noPointsPart.add(row, 0, 0);
}

/** What is noted so far; `otlp_extra` will take about as much. */
export function extraBytes(): u64 {
  return <u64>notedBytes + extraScratch.bytes;
}

/** Writes the column for the rows of the request, for which NULL has been written so far. */
export function writeExtra(column: TextColumn, firstRow: u32, rows: u32): void {
  if (extraBytes() === 0) return;
  for (let row = firstRow; row < firstRow + rows; row++) {
    column.startRow(row);
    for (let i = 0; i < parts.length; i++) appendPart(column.text, parts[i], row);
    column.endRow(row);
  }
}

/** Forgets the request. */
export function closeExtra(): void {
  if (extraBytes() === 0) return;
  extraScratch.bytes = 0;
  for (let i = 0; i < parts.length; i++) parts[i].clear();
}

/** Gives back memory that only a burst has needed; between two requests. */
export function releaseExtra(): void {
  extraScratch.reset();
  for (let i = 0; i < parts.length; i++) parts[i].release();
}

function appendPart(out: ByteBuffer, part: ExtraPart, row: u32): void {
  if (!part.isNext(row)) return;
  if (part === noPointsPart) part.appendTrue(out);
  else part.appendBytes(out, part === metricPart ? extraScratch.address : 0);
}
