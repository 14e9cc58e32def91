/** Lists the segments of an output directory, by names and messages' metadata alone. */
import { join } from 'node:path';
import type { Signal } from '../../shared/signal.ts';
import { readMessages, type StreamMessage, type StreamState } from '../ipc/ipc-reader.ts';
import { readStats } from '../ipc/message-metadata.ts';
import type { EntryKind, OpenFile, Storage } from '../storage.ts';
import { isDateFolder, parseSegmentFileName, type SegmentName } from './file-names.ts';

export interface SegmentFile extends SegmentName {
  /** Below the output directory, with slashes. */
  readonly path: string;
}

/** sealed: complete. active: ends behind a whole batch. torn: something behind it is none. */
export type SegmentState = 'sealed' | 'active' | 'torn';

export interface SegmentSummary {
  readonly path: string;
  readonly signal: Signal;
  readonly number: number;
  readonly state: SegmentState;
  /** Of the whole file. */
  readonly bytes: number;
  /** Of the whole batches; so are the times (Unix ns; null where no row has one) and services. */
  readonly rows: number;
  readonly firstTime: bigint | null;
  readonly lastTime: bigint | null;
  readonly firstReceivedTime: bigint | null;
  readonly lastReceivedTime: bigint | null;
  /** Distinct, in order of appearance; null where a batch does not name its own. */
  readonly services: readonly string[] | null;
}

const segmentStates: Readonly<Record<StreamState, SegmentState>> = {
  sealed: 'sealed',
  open: 'active',
  torn: 'torn',
};

/** All segments of the signals, by number. One that is deleted meanwhile is left out. */
export function listSegments(
  storage: Storage,
  outputDir: string,
  signals: readonly Signal[],
): SegmentSummary[] {
  return segmentFiles(storage, outputDir, signals).flatMap((segment) => {
    const summary = readSegment(storage, outputDir, segment.path, (file) =>
      summarize(storage, file, segment),
    );
    return summary === undefined ? [] : [summary];
  });
}

/** The files with a segment's name in a date's folder, by number; all else is not ours. */
export function segmentFiles(
  storage: Storage,
  outputDir: string,
  signals: readonly Signal[],
): SegmentFile[] {
  const files = signals.flatMap((signal) =>
    entryNames(storage, outputDir, signal, 'folder')
      .filter(isDateFolder)
      .flatMap((folder) => filesOfFolder(storage, outputDir, `${signal}/${folder}`))
      .filter((file) => file.signal === signal),
  );
  return files.sort((a, b) => a.number - b.number || (a.path < b.path ? -1 : 1));
}

/** What the function makes of the open segment; undefined where it is no longer there. */
export function readSegment<T>(
  storage: Storage,
  outputDir: string,
  path: string,
  read: (file: OpenFile) => T,
): T | undefined {
  const file = ifThere(() => storage.open(join(outputDir, path), 'read'));
  if (file === undefined) return undefined;
  try {
    return read(file);
  } finally {
    storage.close(file);
  }
}

function filesOfFolder(storage: Storage, outputDir: string, folder: string): SegmentFile[] {
  return entryNames(storage, outputDir, folder, 'file').flatMap((fileName) => {
    const name = parseSegmentFileName(fileName);
    return name === undefined ? [] : [{ ...name, path: `${folder}/${fileName}` }];
  });
}

function entryNames(
  storage: Storage,
  outputDir: string,
  folder: string,
  kind: EntryKind,
): string[] {
  const entries = ifThere(() => storage.list(join(outputDir, folder))) ?? [];
  return entries.filter((entry) => entry.kind === kind).map(({ name }) => name);
}

/** Retention or a person may delete what was there a moment ago. */
function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function summarize(storage: Storage, file: OpenFile, segment: SegmentFile): SegmentSummary {
  const { path, signal, number } = segment;
  const { bytes } = storage.statOpen(file);
  let content = emptyContent;
  let state: SegmentState = 'torn';
  for (const item of readMessages(storage, file)) {
    if (item.kind === 'end') state = segmentStates[item.state];
    else if (item.kind === 'recordBatch') content = withBatch(content, item);
  }
  return { path, signal, number, state, bytes, ...content };
}

type Content = Omit<SegmentSummary, 'path' | 'signal' | 'number' | 'state' | 'bytes'>;

const emptyContent: Content = {
  rows: 0,
  firstTime: null,
  lastTime: null,
  firstReceivedTime: null,
  lastReceivedTime: null,
  services: [],
};

/** A batch that says nothing of itself still has its rows. */
function withBatch(content: Content, batch: StreamMessage): Content {
  const rows = content.rows + batch.rows;
  const stats = readStats(batch.customMetadata);
  if (stats === undefined) return { ...content, rows, services: null };
  return {
    rows,
    firstTime: earlier(content.firstTime, stats.firstTime),
    lastTime: later(content.lastTime, stats.lastTime),
    firstReceivedTime: earlier(content.firstReceivedTime, stats.firstReceivedTime),
    lastReceivedTime: later(content.lastReceivedTime, stats.lastReceivedTime),
    services: union(content.services, stats.services),
  };
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
