/** Summarizes a segment from the metadata of its messages, without reading any row. */
import type { Signal } from '../../shared/signal.ts';
import { readMessages, type StreamMessage, type StreamState } from '../ipc/ipc-reader.ts';
import { type LogRange, readLogRange, readStats } from '../ipc/message-metadata.ts';
import { readSegment, type SegmentFile } from '../segment/segment-files.ts';
import type { Storage } from '../storage.ts';

/** sealed: complete. active: ends after a whole batch. torn: followed by other bytes. */
export type SegmentState = 'sealed' | 'active' | 'torn';

export interface SegmentSummary {
  readonly path: string;
  readonly signal: Signal;
  readonly number: number;
  readonly state: SegmentState;
  /** Size of the file. */
  readonly bytes: number;
  /** Rows, times and services describe the whole batches. Times are Unix ns, null without any. */
  readonly rows: number;
  readonly firstTime: bigint | null;
  readonly lastTime: bigint | null;
  readonly firstReceivedTime: bigint | null;
  readonly lastReceivedTime: bigint | null;
  /** Distinct names in order of appearance; null if a batch does not list its services. */
  readonly services: readonly string[] | null;
  /** First and last log position for each recorder and lane; null if a batch does not name them. */
  readonly ranges: readonly LogRange[] | null;
}

const segmentStates: Readonly<Record<StreamState, SegmentState>> = {
  sealed: 'sealed',
  open: 'active',
  torn: 'torn',
};

/** Undefined if the segment is gone. */
export function summarizeSegment(
  storage: Storage,
  outputDir: string,
  { path, signal, number }: SegmentFile,
): SegmentSummary | undefined {
  return readSegment(storage, outputDir, path, (file) => {
    const { bytes } = storage.statOpen(file);
    let content = emptyContent;
    let state: SegmentState = 'torn';
    for (const item of readMessages(storage, file)) {
      if (item.kind === 'end') state = segmentStates[item.state];
      else if (item.kind === 'recordBatch') content = withBatch(content, item);
    }
    return { path, signal, number, state, bytes, ...content };
  });
}

type Content = Omit<SegmentSummary, 'path' | 'signal' | 'number' | 'state' | 'bytes'>;

const emptyContent: Content = {
  rows: 0,
  firstTime: null,
  lastTime: null,
  firstReceivedTime: null,
  lastReceivedTime: null,
  services: [],
  ranges: [],
};

/** Rows are counted even if the batch has no statistics. */
function withBatch(content: Content, batch: StreamMessage): Content {
  const rows = content.rows + batch.rows;
  const ranges = withRange(content.ranges, readLogRange(batch.customMetadata));
  const stats = readStats(batch.customMetadata);
  if (stats === undefined) return { ...content, rows, ranges, services: null };
  return {
    rows,
    firstTime: earlier(content.firstTime, stats.firstTime),
    lastTime: later(content.lastTime, stats.lastTime),
    firstReceivedTime: earlier(content.firstReceivedTime, stats.firstReceivedTime),
    lastReceivedTime: later(content.lastReceivedTime, stats.lastReceivedTime),
    services: union(content.services, stats.services),
    ranges,
  };
}

function withRange(
  ranges: readonly LogRange[] | null,
  range: LogRange | undefined,
): readonly LogRange[] | null {
  if (ranges === null || range === undefined) return null;
  const isOther = (known: LogRange) =>
    known.recorder !== range.recorder || known.lane !== range.lane;
  const known = ranges.find((candidate) => !isOther(candidate)) ?? range;
  const from = earlier(known.from, range.from) ?? range.from;
  const to = later(known.to, range.to) ?? range.to;
  return [...ranges.filter(isOther), { ...range, from, to }];
}

function earlier(a: bigint | null, b: bigint | null): bigint | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}

function later(a: bigint | null, b: bigint | null): bigint | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

function union(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  return a === null || b === null ? null : [...new Set([...a, ...b])];
}
