/** Writes and reads the custom metadata of a batch's message. */
import { crc32 } from 'node:zlib';
import { lanePositionMax } from '../../shared/batch-id.ts';
import type { BatchStats, EncodedBatch } from '../../shared/encoded-batch.ts';
import { servicesBytesMax, traceIdFilterBytesMax } from './ipc-format.ts';

/** `archer.wal`: the log positions that a batch completes. */
export interface LogRange {
  /** The recorder's id. Recovery ignores segments of other recorders. */
  readonly recorder: string;
  readonly lane: number;
  readonly from: bigint;
  readonly to: bigint;
}

/** `archer.stats`. Services are null if there were too many to list. */
export type SegmentStats = Omit<BatchStats, 'services'> & {
  readonly services: readonly string[] | null;
};

const key = {
  wal: 'archer.wal',
  crc32: 'archer.crc32',
  stats: 'archer.stats',
  traceIds: 'archer.trace_ids',
} as const;

export function messageMetadata(batch: EncodedBatch, range: LogRange): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>([
    [key.wal, rangeText(range)],
    [key.crc32, crc32(batch.body).toString(16).padStart(8, '0')],
    [key.stats, statsText(batch.stats)],
  ]);
  const filter = batch.traceIdFilter;
  // Without a filter a reader has to read the body, so leaving it out only costs time.
  if (filter !== undefined && filter.byteLength <= traceIdFilterBytesMax) {
    metadata.set(key.traceIds, Buffer.from(filter).toString('base64'));
  }
  return metadata;
}

/** Positions are text, because many readers round JSON numbers above 2^53. */
function rangeText({ recorder, lane, from, to }: LogRange): string {
  return JSON.stringify({ recorder, lane, from: String(from), to: String(to) });
}

function statsText(stats: BatchStats): string {
  const services = JSON.stringify(stats.services);
  const names = Buffer.byteLength(services) <= servicesBytesMax ? stats.services : null;
  return JSON.stringify({
    rows: stats.rows,
    first_time: timeText(stats.firstTime),
    last_time: timeText(stats.lastTime),
    first_received_time: timeText(stats.firstReceivedTime),
    last_received_time: timeText(stats.lastReceivedTime),
    services: names,
  });
}

function timeText(time: bigint | null): string | null {
  return time === null ? null : String(time);
}

/** Undefined if the entry is missing or malformed. The same holds for the functions below. */
export function readLogRange(metadata: ReadonlyMap<string, string>): LogRange | undefined {
  const fields = parseObject(metadata.get(key.wal));
  const { recorder, lane } = fields;
  const from = toBigint(fields.from);
  const to = toBigint(fields.to);
  if (typeof recorder !== 'string' || !isCount(lane)) return undefined;
  if (from === undefined || to === undefined || from > to || to > lanePositionMax) return undefined;
  return { recorder, lane, from, to };
}

export function readBodyCrc32(metadata: ReadonlyMap<string, string>): number | undefined {
  const text = metadata.get(key.crc32);
  return text !== undefined && /^[0-9a-f]{8}$/.test(text) ? Number.parseInt(text, 16) : undefined;
}

export function readStats(metadata: ReadonlyMap<string, string>): SegmentStats | undefined {
  const fields = parseObject(metadata.get(key.stats));
  const { rows, services } = fields;
  const firstTime = toTime(fields.first_time);
  const lastTime = toTime(fields.last_time);
  const firstReceivedTime = toBigint(fields.first_received_time);
  const lastReceivedTime = toBigint(fields.last_received_time);
  if (!isCount(rows) || !(services === null || isTexts(services))) return undefined;
  if (firstTime === undefined || lastTime === undefined) return undefined;
  if (firstReceivedTime === undefined || lastReceivedTime === undefined) return undefined;
  return { rows, firstTime, lastTime, firstReceivedTime, lastReceivedTime, services };
}

export function readTraceIdFilter(metadata: ReadonlyMap<string, string>): Uint8Array | undefined {
  const text = metadata.get(key.traceIds);
  if (text === undefined) return undefined;
  const filter = Buffer.from(text, 'base64');
  return filter.toString('base64') === text ? new Uint8Array(filter) : undefined;
}

// Shapes are checked by hand: lanes read these too, and loading zod would cost 15 MB and 45 ms.

function parseObject(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** A decimal number that fits in 64 bits. */
function toBigint(value: unknown): bigint | undefined {
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value)) return undefined;
  const number = BigInt(value);
  return number < 2n ** 64n ? number : undefined;
}

function toTime(value: unknown): bigint | null | undefined {
  return value === null ? null : toBigint(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
