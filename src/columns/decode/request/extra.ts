/**
 * Collects what the columns cannot represent of the current request, for the column `otlp_extra`.
 */

import { TextColumn } from '../column/text-column.ts';
import { ByteBuffer } from '../memory/byte-buffer.ts';
import { bytesType, varintType } from '../wire/wire-reader.ts';
import { ExtraPart, notedBytes } from './extra-part.ts';

/*
 * The value of a row is a small protobuf message of our own (docs/format/segment.md). While a
 * request is read, its parts are only noted as pieces of the frame, which stays until the request
 * has ended. Then the column is written for all rows, if there is any piece.
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

/** Memory for bytes that are not a piece of the frame; it is valid until the request ends. */
export const extraScratch: ByteBuffer = new ByteBuffer(1024);

/**
 * Keeps the message of a row, which lies between `start` and `end` in the frame. Call it in
 * ascending order of rows.
 */
export function keepRecord(row: u32, start: usize, end: usize): void {
  recordPart.add(row, start, <u32>(end - start));
}

/** Removes what was kept of `row` and of later rows, which have been removed. */
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

/** Returns the bytes collected so far; `otlp_extra` will take about as many. */
export function extraBytes(): u64 {
  return <u64>notedBytes + extraScratch.bytes;
}

/** Writes the column for the rows of the request. Until now they hold NULL. */
export function writeExtra(column: TextColumn, firstRow: u32, rows: u32): void {
  if (extraBytes() === 0) return;
  for (let row = firstRow; row < firstRow + rows; row++) {
    column.startRow(row);
    for (let i = 0; i < parts.length; i++) appendPart(column.text, parts[i], row);
    column.endRow(row);
  }
}

/** Removes what was collected of the request. */
export function closeExtra(): void {
  if (extraBytes() === 0) return;
  extraScratch.bytes = 0;
  for (let i = 0; i < parts.length; i++) parts[i].clear();
}

/** Frees memory that only a burst has needed. Call it between two requests. */
export function releaseExtra(): void {
  extraScratch.reset();
  for (let i = 0; i < parts.length; i++) parts[i].release();
}

function appendPart(out: ByteBuffer, part: ExtraPart, row: u32): void {
  if (!part.isNext(row)) return;
  if (part === noPointsPart) part.appendTrue(out);
  else part.appendBytes(out, part === metricPart ? extraScratch.address : 0);
}
