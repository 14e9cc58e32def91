/** Holds the batch of each signal: requests go in, a cut table comes out. */

import { cutEntries, endCut, startCut } from '../column/cut-table.ts';
import { hexTextIdCount, restoreHexTextIdCount } from '../column/id-column.ts';
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
import {
  fail,
  failure,
  misplacedField as lastMisplacedField,
  startAt,
  tooLarge,
} from '../wire/cursor.ts';
import { irregularCount, startRegular } from '../wire/irregular.ts';
import { tolerateMisplacedFields } from '../wire/skip-field.ts';

export { tolerateMisplacedFields };

/** Columns by signal number. */
const signals: StaticArray<SignalColumns> = [new Traces(), new Metrics(), new Logs()];

/** Count of decoded requests that hold something that only `otlp_extra` can keep. */
let irregularRequests: u32 = 0;

/** Allocates the initial memory and fills the constant tables. Call it before anything else. */
export function initialise(): void {
  openAttributeCache();
  openDecimalText();
  openPowersOfTen();
  openResource();
  openScope();
  for (let i = 0; i < signals.length; i++) signals[i].table.open();
}

/**
 * Appends the rows of the request whose `bytes` bytes lie at `address`. Returns how many rows they
 * are, or the code of a failure; then the columns are unchanged. The 16 bytes behind the request
 * must be memory too, because text is loaded 16 bytes at a time; their content never matters.
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
  const hexTextIdsBefore = hexTextIdCount();
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
    restoreHexTextIdCount(hexTextIdsBefore);
    return failure;
  }
  if (irregularCount > 0) irregularRequests++;
  return rows;
}

/**
 * Returns which known field had another wire type than its own, if that was why the last `decode`
 * failed: message number x 32 + field number (known-fields.ts). Otherwise returns 0.
 */
export function misplacedField(): u32 {
  return lastMisplacedField;
}

export function rows(signal: u32): u32 {
  return signals[signal].table.rows;
}

/** Returns how many bytes the columns would take as Arrow buffers. */
export function heldBytes(signal: u32): HostNumber {
  return <HostNumber>signals[signal].heldBytes();
}

export function irregularRequestCount(): u32 {
  return irregularRequests;
}

/** Builds the cut table. Returns how many entries it has; 0 if there is no memory for it. */
export function cut(signal: u32): u32 {
  const table = signals[signal].table;
  if (!startCut(table.cutBytes())) return 0;
  table.cut();
  return cutEntries;
}

/** Returns the first time of the signal's first time column; 0 if no row has one. */
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

/** Returns the address of the struct that describes the runs of service_name (run.ts). */
export function servicesRun(signal: u32): HostNumber {
  return <HostNumber>signals[signal].serviceName.describe();
}

/**
 * Returns the address of a struct of two u32: the addresses of the binary trace ids and of their
 * offsets. Returns 0 for a signal without trace ids.
 */
export function traceIds(signal: u32): HostNumber {
  const traceId = signals[signal].traceId;
  return traceId === null ? 0 : <HostNumber>traceId.describe();
}

/** Keeps the first `rows` rows and removes the others. Call it before `cut`. */
export function truncate(signal: u32, rows: u32): void {
  const table = signals[signal].table;
  if (rows < table.rows) table.truncate(rows);
}

/** Removes the rows of the batch. */
export function reset(signal: u32): void {
  signals[signal].table.reset();
  releaseExtra();
  endCut();
}
