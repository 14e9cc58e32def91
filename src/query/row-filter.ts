/** Which rows are wanted, and what can be told of a segment or a batch without its rows. */

import type { SegmentSummary } from '../disk/catalogue/segment-summary.ts';
import type { StreamMessage } from '../disk/ipc/ipc-reader.ts';
import { readLogRange, readStats, readTraceIdFilter } from '../disk/ipc/message-metadata.ts';
import type { StoredBatch } from '../disk/ipc/stored-batch.ts';
import type { Signal } from '../shared/signal.ts';
import { mayContainTraceId } from '../shared/trace-filter.ts';

/** Of one lane of one recorder; both bounds are included. */
export interface PositionRange {
  readonly recorder: string;
  readonly lane: number;
  readonly from: bigint;
  readonly through: bigint;
}

/** The columns whose text a filter can ask for. */
export type TextColumn = 'service_name' | 'name' | 'event_name' | 'trace_id';

/** A row is wanted if all that is given holds. */
export interface RowFilter {
  /** Unix nanoseconds of the row's own time, included; a row without a time has none. */
  readonly from?: bigint;
  /** Not included. */
  readonly to?: bigint;
  /** For each column the texts that are wanted, one of them. */
  readonly texts?: ReadonlyMap<TextColumn, ReadonlySet<string>>;
  readonly positions?: PositionRange;
}

/** Where a row's time stands; where the first is NULL, in the next. */
export const timeColumns: Readonly<Record<Signal, readonly [string, ...string[]]>> = {
  traces: ['start_time'],
  metrics: ['time'],
  logs: ['time', 'observed_time'],
};

/** False where no row of the segment is wanted, as far as its whole batches say. */
export function mayHaveRows(segment: SegmentSummary, filter: RowFilter): boolean {
  const { signal, state, firstTime, lastTime, services, ranges } = segment;
  // Behind a damaged place there may be batches that the summary does not know.
  if (state === 'torn') return true;
  const { positions } = filter;
  if (positions !== undefined && ranges?.every((range) => !overlaps(range, positions)))
    return false;
  if (services !== null && !hasService(services, filter)) return false;
  // Rows without the first time are passed over by the statistics.
  return timeColumns[signal].length > 1 || isInTime(firstTime, lastTime, filter);
}

/** False where no row of the batch is wanted, as far as its message says. */
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

/** False where no row is in time, as far as the message and the batch's header say. */
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
