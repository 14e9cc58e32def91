/** The filter of rows, and its checks that need only the metadata of a segment or batch. */

import type { SegmentSummary } from '../disk/catalogue/segment-summary.ts';
import type { StreamMessage } from '../disk/ipc/ipc-reader.ts';
import { readLogRange, readStats, readTraceIdFilter } from '../disk/ipc/message-metadata.ts';
import type { StoredBatch } from '../disk/ipc/stored-batch.ts';
import type { Signal } from '../shared/signal.ts';
import { mayContainTraceId } from '../shared/trace-filter.ts';

/** Positions of one lane of one recorder. Both bounds are inclusive. */
export interface PositionRange {
  readonly recorder: string;
  readonly lane: number;
  readonly from: bigint;
  readonly through: bigint;
}

/** The text columns that a filter can compare. */
export type TextColumn = 'service_name' | 'name' | 'event_name' | 'trace_id';

/** A row is selected if all conditions that are present hold. */
export interface RowFilter {
  /** Earliest time of the row in Unix ns, inclusive. A row without a time does not match. */
  readonly from?: bigint;
  /** Latest time of the row in Unix ns, exclusive. */
  readonly to?: bigint;
  /** For each column the accepted texts; one of them must match. */
  readonly texts?: ReadonlyMap<TextColumn, ReadonlySet<string>>;
  readonly positions?: PositionRange;
}

/** The columns with a row's time. If the first is NULL, the next one counts. */
export const timeColumns: Readonly<Record<Signal, readonly [string, ...string[]]>> = {
  traces: ['start_time'],
  metrics: ['time'],
  logs: ['time', 'observed_time'],
};

/** False if the summary shows that the filter selects no row of the segment. */
export function mayHaveRows(segment: SegmentSummary, filter: RowFilter): boolean {
  const { signal, state, firstTime, lastTime, services, ranges } = segment;
  // After a damaged part there may be batches that the summary does not cover.
  if (state === 'torn') return true;
  const { positions } = filter;
  if (positions !== undefined && ranges?.every((range) => !overlaps(range, positions)))
    return false;
  if (services !== null && !hasService(services, filter)) return false;
  // The statistics do not cover rows whose first time column is NULL.
  return timeColumns[signal].length > 1 || isInTime(firstTime, lastTime, filter);
}

/** False if the message shows that the filter selects no row of the batch. */
export function mayHaveBatchRows({ customMetadata }: StreamMessage, filter: RowFilter): boolean {
  const { positions, texts } = filter;
  const range = readLogRange(customMetadata);
  if (positions !== undefined && (range === undefined || !overlaps(range, positions))) return false;
  const services = readStats(customMetadata)?.services;
  if (services && !hasService(services, filter)) return false;
  const traceIds = texts?.get('trace_id');
  const traceFilter = traceIds && readTraceIdFilter(customMetadata);
  if (traceIds === undefined || traceFilter === undefined) return true;
  return [...traceIds].some((id) => mayContainTraceId(traceFilter, id));
}

/** False if message and header show that no row of the batch is in the time range. */
export function mayBeInTime(batch: StoredBatch, signal: Signal, filter: RowFilter): boolean {
  const stats = readStats(batch.message.customMetadata);
  const [first, ...others] = timeColumns[signal];
  const isKnown = others.length === 0 || batch.nullCount(first) === 0;
  return stats === undefined || !isKnown || isInTime(stats.firstTime, stats.lastTime, filter);
}

function hasService(services: readonly string[], { texts }: RowFilter): boolean {
  const wanted = texts?.get('service_name');
  return wanted === undefined || services.some((name) => wanted.has(name));
}

function isInTime(first: bigint | null, last: bigint | null, { from, to }: RowFilter): boolean {
  if (from === undefined && to === undefined) return true;
  if (first === null || last === null) return false;
  return (to === undefined || first < to) && (from === undefined || last >= from);
}

function overlaps(
  range: { readonly recorder: string; readonly lane: number; from: bigint; to: bigint },
  { recorder, lane, from, through }: PositionRange,
): boolean {
  const isSameLane = range.recorder === recorder && range.lane === lane;
  return isSameLane && range.from <= through && range.to >= from;
}
