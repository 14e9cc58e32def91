/** Writes the records of a scope group, which differ between the signals. */

import type { Columns } from '../column/columns.ts';
import type { Field } from '../field/field.ts';
import { Message } from '../field/message.ts';
import { bytesType, type WireWriter } from '../wire/wire-writer.ts';
import type { BatchRows, GroupColumn } from './batch-rows.ts';

/** The field of ScopeSpans, ScopeLogs and ScopeMetrics that holds spans, log records or metrics. */
export const recordTag = (2 << 3) | bytesType;

/** A span or log record usually takes from 128 to 16,383 bytes. */
const expectedLengthBytes = 2;

export interface RecordWriter {
  /** The columns by which rows form groups below request, resource and scope. */
  readonly groups: readonly GroupColumn[];
  load(columns: Columns): void;
  /** Writes the selected rows of a scope group, which are those from `start` to `end`. */
  write(out: WireWriter, rows: BatchRows, start: number, end: number): void;
}

/** For signals in which each row is a record. */
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

/** Writes the message of a row: as it was sent if `otlp_extra` has it, else from the columns. */
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
