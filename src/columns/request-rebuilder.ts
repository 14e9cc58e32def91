/** Turns rows back into OTLP: the protobuf requests that a batch of rows came from. */
import type { ArrowBatch } from '../shared/arrow-batch.ts';
import type { Signal } from '../shared/signal.ts';
import { CellFault } from './rebuild/column/cell-fault.ts';
import { Columns, type NumberValues } from './rebuild/column/columns.ts';
import { logRecordFields } from './rebuild/logs/log-record.ts';
import { MetricWriter } from './rebuild/metrics/metric.ts';
import { BatchRows } from './rebuild/request/batch-rows.ts';
import { RequestWriter } from './rebuild/request/request.ts';
import { type RecordWriter, RowWriter } from './rebuild/request/signal-records.ts';
import { spanFields } from './rebuild/traces/span.ts';
import { WireWriter } from './rebuild/wire/wire-writer.ts';

export interface RebuiltRequest {
  readonly kind: 'request';
  readonly signal: Signal;
  readonly batchId: bigint;
  /** Unix nanoseconds. */
  readonly receivedTime: bigint;
  /** Number of selected rows. */
  readonly rows: number;
  /**
   * An Export…ServiceRequest in canonical protobuf; fields that `otlp_extra` kept are repeated as
   * they were sent. The bytes are a copy that belongs to the receiver.
   */
  readonly bytes: Uint8Array;
}

export interface RebuildFault {
  readonly kind: 'fault';
  /** The request that cannot be rebuilt; absent if no request of the batch can. */
  readonly batchId?: bigint;
  /**
   * Row of the fault, counted from the first row of the first batch. If the whole batch is
   * affected, its first row.
   */
  readonly row: number;
  /** Path of the column: `events.item.attributes`. */
  readonly column: string;
  readonly what: string;
}

/**
 * Rebuilds the requests of one signal, from its batches in the order in which they were written.
 */
export class RequestRebuilder {
  readonly #signal: Signal;
  readonly #request: RequestWriter;
  readonly #rows = new BatchRows();
  readonly #out = new WireWriter();
  #batchIds!: NumberValues;
  #receivedTimes!: NumberValues;
  /** Number of the current batch's first row, and of the next batch's, counted over all batches. */
  #firstRow = 0;
  #nextRow = 0;

  constructor(signal: Signal) {
    this.#signal = signal;
    this.#request = new RequestWriter(recordWriter(signal));
  }

  /**
   * Yields the requests of the next batch, each built from its selected rows. A request without
   * selected rows is left out. What a group has in common is written if any of its rows is
   * selected. After a fault the next request follows. Consume the generator before the next call:
   * both use the same memory.
   */
  *rebuild(
    batch: ArrowBatch,
    isSelected?: (row: number) => boolean,
  ): Generator<RebuiltRequest | RebuildFault, undefined, undefined> {
    const { rows: rowCount } = batch;
    this.#firstRow = this.#nextRow;
    this.#nextRow += rowCount;
    const fault = this.#load(batch, isSelected);
    if (fault !== undefined) yield fault;
    for (let start = fault === undefined ? 0 : rowCount; start < rowCount; ) {
      const end = this.#rows.groupEnd('batch_id', start, rowCount);
      if (this.#rows.hasSelected(start, end)) yield this.#rebuildRequest(start, end);
      start = end;
    }
  }

  #load(batch: ArrowBatch, isSelected?: (row: number) => boolean): RebuildFault | undefined {
    const columns = new Columns(batch);
    try {
      this.#batchIds = columns.numbers('batch_id', 8);
      this.#receivedTimes = columns.numbers('received_time', 8);
      this.#rows.load(columns, this.#request.groups, toSelection(batch.rows, isSelected));
      this.#request.load(columns);
    } catch (error) {
      return this.#toFault(error, 0);
    }
    return undefined;
  }

  #rebuildRequest(start: number, end: number): RebuiltRequest | RebuildFault {
    const batchId = toBigInt(this.#batchIds, start);
    const out = this.#out;
    out.end = 0;
    try {
      this.#request.write(out, this.#rows, start, end);
    } catch (error) {
      return { ...this.#toFault(error, this.#rows.lastVisited), batchId };
    }
    return {
      kind: 'request',
      signal: this.#signal,
      batchId,
      receivedTime: toBigInt(this.#receivedTimes, start),
      rows: this.#rows.countSelected(start, end),
      bytes: out.content(),
    };
  }

  /** Turns a CellFault into a value. Any other error is a defect of this program, and is thrown. */
  #toFault(error: unknown, row: number): RebuildFault {
    if (!(error instanceof CellFault)) throw error;
    const { column, message } = error;
    return { kind: 'fault', row: this.#firstRow + row, column, what: message };
  }
}

function recordWriter(signal: Signal): RecordWriter {
  switch (signal) {
    case 'traces':
      return new RowWriter(spanFields());
    case 'logs':
      return new RowWriter(logRecordFields());
    case 'metrics':
      return new MetricWriter();
  }
}

/** Returns a byte for each row, 1 if it is selected; undefined if all rows are. */
function toSelection(
  rows: number,
  isSelected: ((row: number) => boolean) | undefined,
): Uint8Array | undefined {
  if (isSelected === undefined) return undefined;
  return Uint8Array.from({ length: rows }, (_, row) => (isSelected(row) ? 1 : 0));
}

function toBigInt({ words }: NumberValues, row: number): bigint {
  return BigInt.asIntN(64, (BigInt(words[row * 2 + 1]!) << 32n) | BigInt(words[row * 2]!));
}
