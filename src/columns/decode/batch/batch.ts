/** The batch of each signal: frames go in, a cut table comes out. */

import { cutEntries, endCut, startCut } from '../column/cut-table.ts';
import { Logs } from '../logs/logs.ts';
import { HostNumber } from '../memory/heap.ts';
import { limitHeldBytes } from '../memory/held-bytes.ts';
import { Metrics } from '../metrics/metrics.ts';
import { closeExtra, releaseExtra } from '../request/extra.ts';
import { readRequest } from '../request/request.ts';
import { closeResource, openResource } from '../request/resource.ts';
import { closeScope, openScope } from '../request/scope.ts';
import { SignalColumns } from '../request/signal-columns.ts';
import { openDecimalText } from '../text/decimal-text.ts';
import { openPowersOfTen } from '../text/powers-of-ten.ts';
import { Traces } from '../traces/traces.ts';
import { openAttributeCache } from '../value/attribute-cache.ts';
import { fail, failure, startAt, tooLarge } from '../wire/cursor.ts';
import { irregularCount, startRegular } from '../wire/irregular.ts';

/** By the signals' numbers. */
const signals: StaticArray<SignalColumns> = [new Traces(), new Metrics(), new Logs()];

/** Of requests that were taken, how many said something that the columns cannot. */
let irregularRequests: u32 = 0;

/** Takes the memory to start with and makes the tables; before anything else. */
export function initialise(): void {
  openAttributeCache();
  openDecimalText();
  openPowersOfTen();
  openResource();
  openScope();
  for (let i = 0; i < signals.length; i++) signals[i].table.open();
}

/**
 * Adds the rows of a request, whose `bytes` bytes lie at `address`. Gives back how many rows, or
 * why it is refused, and then the columns are as they were. The 16 bytes behind the request must be
 * memory too, because text is loaded 16 bytes at a time; what is in them never matters.
 */
export function decode(
  signal: u32,
  address: usize,
  bytes: u32,
  receivedTime: u64,
  batchId: i64,
  heldBytesMax: u32,
): i32 {
  const columns = signals[signal];
  const rowsBefore = columns.table.rows;
  startAt(address);
  startRegular();
  limitHeldBytes(columns, heldBytesMax);
  readRequest(columns, address + bytes);
  const rows = columns.table.rows - rowsBefore;
  if (failure === 0 && rows > 0) {
    columns.groupColumns.endRequest(rowsBefore, rows, receivedTime, batchId);
  }
  closeResource();
  closeScope();
  closeExtra();
  if (failure === 0 && columns.heldBytes() > heldBytesMax) fail(tooLarge);
  if (failure !== 0) {
    columns.table.truncate(rowsBefore);
    return failure;
  }
  if (irregularCount > 0) irregularRequests++;
  return rows;
}

export function rows(signal: u32): u32 {
  return signals[signal].table.rows;
}

/** What the columns would take when written out. */
export function heldBytes(signal: u32): HostNumber {
  return <HostNumber>signals[signal].heldBytes();
}

export function irregularRequestCount(): u32 {
  return irregularRequests;
}

/** Builds the cut table; gives back how many entries it has, 0 if there is no memory for it. */
export function cut(signal: u32): u32 {
  const table = signals[signal].table;
  if (!startCut(table.cutBytes())) return 0;
  table.cut();
  return cutEntries;
}

/** The first and the last time of the signal's time column; 0 if no row has one. */
export function firstTime(signal: u32): u64 {
  const columns = signals[signal];
  return columns.time.first(columns.table.rows);
}

export function lastTime(signal: u32): u64 {
  const columns = signals[signal];
  return columns.time.last(columns.table.rows);
}

export function firstReceivedTime(signal: u32): u64 {
  return signals[signal].groupColumns.receivedTime.first();
}

export function lastReceivedTime(signal: u32): u64 {
  return signals[signal].groupColumns.receivedTime.last();
}

/** Where the struct of the runs of service_name is (run.ts). */
export function servicesRun(signal: u32): HostNumber {
  return <HostNumber>signals[signal].serviceName.describe();
}

/**
 * Where a struct of two u32 is: the address of the binary trace ids, that of their offsets. 0 for a
 * signal whose rows belong to no trace.
 */
export function traceIds(signal: u32): HostNumber {
  const traceId = signals[signal].traceId;
  return traceId === null ? 0 : <HostNumber>traceId.describe();
}

/** Keeps the first `rows` rows and forgets those behind them; before `cut`. */
export function truncate(signal: u32, rows: u32): void {
  const table = signals[signal].table;
  if (rows < table.rows) table.truncate(rows);
}

/** Forgets the batch. */
export function reset(signal: u32): void {
  signals[signal].table.reset();
  releaseExtra();
  endCut();
}
