/** The records of a scope group: what the three signals have each in their own way. */

import type { Columns } from '../column/columns.ts';
import type { Field } from '../field/field.ts';
import { Message } from '../field/message.ts';
import { bytesType, type WireWriter } from '../wire/wire-writer.ts';
import type { BatchRows, GroupColumn } from './batch-rows.ts';

/** Of ScopeSpans, ScopeLogs and ScopeMetrics: spans, log records, metrics. */
export const recordTag = (2 << 3) | bytesType;

/** Spans and log records take from 128 to 16,383 bytes as a rule. */
const expectedLengthBytes = 2;

export interface RecordWriter {
  /** What else holds rows together, beside request, resource and scope. */
  readonly groups: readonly GroupColumn[];
  load(columns: Columns): void;
  /** Writes those of the rows of a scope group that are selected. */
  write(out: WireWriter, rows: BatchRows, start: number, end: number): void;
}

/** For signals each row of which is a record. */
export class RowWriter implements RecordWriter {
  readonly groups = [];
  readonly #message: Message;

  constructor(fields: readonly Field[]) {
    this.#message = new Message(fields);
  }

  load(columns: Columns): void {
    this.#message.load(columns);
  }

  write(out: WireWriter, rows: BatchRows, start: number, end: number): void {
    for (let row = start; row < end; row++) {
      if (rows.isSelected(row)) writeRecord(out, recordTag, this.#message, rows, row);
    }
  }
}

/** Writes a row's own message: as it came, if that was kept. */
export function writeRecord(
  out: WireWriter,
  tag: number,
  message: Message,
  rows: BatchRows,
  row: number,
): void {
  const { record } = rows.visit(row);
  if (record !== undefined) {
    out.writeBytes(tag, record, 0, record.length);
    return;
  }
  const contentStart = out.open(tag, expectedLengthBytes);
  message.write(out, row);
  out.close(contentStart, expectedLengthBytes);
}
