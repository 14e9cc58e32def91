/** Measures how far a recovery has come, by the bytes of its files that it has read. */
import { join } from 'node:path';
import { walFolder } from '../disk/layout.ts';
import { readCheckpoint } from '../disk/segment/checkpoint.ts';
import { segmentFiles } from '../disk/segment/segment-files.ts';
import type { OpenFile, Storage } from '../disk/storage.ts';
import type { Clock } from '../shared/clock.ts';
import { signals } from '../shared/signal.ts';
import type { RecoveryBytes } from './lane-messages.ts';

/** Time between two reports. */
const reportMs = 200;

export interface RecoveryProgressOptions {
  readonly storage: Storage;
  readonly outputDir: string;
  readonly lane: number;
  readonly clock: Clock;
  readonly onProgress: (bytes: RecoveryBytes) => void;
}

/**
 * Finds the files that a recovery reads: the log, and the segments that were open at the last
 * checkpoint or are newer. Returns a disk that reports how far these files were read. It stays
 * usable after the recovery, and then reports nothing.
 */
export function measureRecovery(options: RecoveryProgressOptions): Storage {
  const { storage, clock, onProgress } = options;
  const sizes = filesToRead(options);
  const totalBytes = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  const paths = new Map<OpenFile, string>();
  const readThrough = new Map<string, number>();
  let doneBytes = 0;
  let nextReportMs = clock.monotonicMs();
  const take = (path: string, end: number) => {
    const before = readThrough.get(path) ?? 0;
    const after = Math.min(end, sizes.get(path) ?? 0);
    if (after <= before) return;
    readThrough.set(path, after);
    doneBytes += after - before;
    if (clock.monotonicMs() < nextReportMs) return;
    nextReportMs = clock.monotonicMs() + reportMs;
    onProgress({ doneBytes, totalBytes });
  };
  return {
    ...storage,
    open: (path, mode) => {
      const file = storage.open(path, mode);
      if (sizes.has(path)) paths.set(file, path);
      return file;
    },
    close: (file) => {
      paths.delete(file);
      storage.close(file);
    },
    read: (file, view, position) => {
      const count = storage.read(file, view, position);
      const path = paths.get(file);
      if (path !== undefined) take(path, position + count);
      return count;
    },
  };
}

/** Returns the sizes of the files, by path. Files that the disk does not show now are left out. */
function filesToRead({ storage, outputDir, lane }: RecoveryProgressOptions): Map<string, number> {
  const sizes = new Map<string, number>();
  const add = (path: string) => {
    const facts = storage.stat(path);
    if (facts?.kind === 'file') sizes.set(path, facts.bytes);
  };
  try {
    const log = walFolder(outputDir, lane);
    if (storage.stat(log) !== undefined) {
      for (const { name } of storage.list(log)) add(join(log, name));
    }
    const checkpoint = readCheckpoint(storage, outputDir);
    const numberMin = typeof checkpoint === 'string' ? 1 : checkpoint.oldestOpenNumber;
    for (const { path, number } of segmentFiles(storage, outputDir, signals)) {
      if (number >= numberMin) add(join(outputDir, path));
    }
  } catch {
    // The recovery itself meets the fault and reports it.
  }
  return sizes;
}
