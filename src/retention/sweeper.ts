/** Deletes the segments that retention has chosen, and then the folders that are empty. */
import { basename, dirname, join } from 'node:path';
import type { Catalogue } from '../disk/catalogue/catalogue.ts';
import type { SegmentSummary } from '../disk/catalogue/segment-summary.ts';
import { dateFolder, parseSegmentFileName } from '../disk/layout.ts';
import { readCheckpoint } from '../disk/segment/checkpoint.ts';
import { dateFolders } from '../disk/segment/segment-files.ts';
import type { Storage } from '../disk/storage.ts';
import type { Clock } from '../shared/clock.ts';
import type { Journal } from '../shared/journal.ts';
import type { Signal } from '../shared/signal.ts';
import {
  type Deletion,
  ownSegments,
  planRetention,
  type RetentionLimits,
  type RetentionReason,
} from './retention-plan.ts';

export interface SweeperOptions {
  readonly storage: Storage;
  readonly outputDir: string;
  /** Read at each sweep. Only segments of this recorder are deleted. */
  readonly recorderId: () => string;
  readonly signals: readonly Signal[];
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Read at each sweep, because the limits may change. */
  readonly limits: () => RetentionLimits;
  /** Called right before a segment is deleted. Its result is called after the deletion. */
  readonly onDeleting?: (segment: SegmentSummary) => () => void;
}

/** The segments deleted since the recorder started. */
export interface RetentionCount {
  readonly signal: Signal;
  readonly reason: RetentionReason;
  readonly segments: number;
  readonly bytes: number;
}

/**
 * Rows that were received yesterday may be written for some time after midnight. Their folder must
 * not be removed between its creation and its first use.
 */
const folderAgeMinMs = 3_600_000;

export class Sweeper {
  readonly #options: SweeperOptions;
  readonly #counts = new Map<string, RetentionCount>();
  /** Paths that could not be deleted. A warning is logged once for each. */
  readonly #stubborn = new Set<string>();
  /** When this run sealed a segment, by the monotonic clock; by the segment's number. */
  readonly #sealedMs = new Map<number, number>();
  #isShort = false;

  constructor(options: SweeperOptions) {
    this.#options = options;
  }

  get counts(): readonly RetentionCount[] {
    return [...this.#counts.values()];
  }

  /** True if too little space is free. */
  get isSpaceLow(): boolean {
    const { storage, outputDir, limits } = this.#options;
    const { freeBytesMin } = limits();
    return freeBytesMin > 0 && storage.freeBytes(outputDir) < freeBytesMin;
  }

  /**
   * Runs one sweep. Each step is one deletion, so that other work can run between the steps. The
   * catalogue must be complete, because older segments must be deleted first.
   */
  *sweep(): Generator<void, void, undefined> {
    const { storage, outputDir, clock, limits, catalogue, recorderId } = this.#options;
    const checkpoint = readCheckpoint(storage, outputDir);
    const segments = ownSegments(catalogue.segments, recorderId(), checkpoint);
    this.#forgetSealed(segments);
    const now = {
      ...{ unixMs: clock.unixMs(), monotonicMs: clock.monotonicMs() },
      ...{ freeBytes: storage.freeBytes(outputDir), sealedMs: this.#sealedMs },
    };
    const plan = planRetention(segments, now, limits());
    const done: Deletion[] = [];
    for (const deletion of plan.deletions) {
      if (this.#delete(deletion)) done.push(deletion);
      yield;
    }
    this.#removeEmptyFolders();
    this.#tell(done, plan.missingFreeBytes);
  }

  /** Called for each segment that this run seals. */
  sealed(path: string): void {
    const number = parseSegmentFileName(basename(path))?.number;
    if (number !== undefined) this.#sealedMs.set(number, this.#options.clock.monotonicMs());
  }

  /** Forgets segments that are gone, so that the map does not grow with the age of the process. */
  #forgetSealed(segments: readonly { readonly number: number }[]): void {
    const numbers = new Set(segments.map(({ number }) => number));
    for (const number of this.#sealedMs.keys()) {
      if (!numbers.has(number)) this.#sealedMs.delete(number);
    }
  }

  #delete(deletion: Deletion): boolean {
    const { storage, outputDir, catalogue, journal } = this.#options;
    const { path, bytes } = deletion;
    const isThere = isOwnFile(storage, outputDir, path, bytes);
    const segment = isThere ? catalogue.get(path) : undefined;
    const onDeleted = segment && this.#options.onDeleting?.(segment);
    try {
      if (isThere) storage.remove(join(outputDir, path));
    } catch (error) {
      const reason = (error as Error).message;
      if (!this.#stubborn.has(path)) journal.write('warn', `cannot delete ${path}: ${reason}`);
      this.#stubborn.add(path);
      return false;
    }
    catalogue.forget(path);
    onDeleted?.();
    if (isThere) this.#count(deletion);
    return isThere;
  }

  #count({ signal, reason, bytes }: Deletion): void {
    const key = `${signal} ${reason}`;
    const known = this.#counts.get(key) ?? { signal, reason, segments: 0, bytes: 0 };
    const sum = { segments: known.segments + 1, bytes: known.bytes + bytes };
    this.#counts.set(key, { signal, reason, ...sum });
  }

  /** The operating system refuses to remove a folder that is not empty, so such a folder stays. */
  #removeEmptyFolders(): void {
    const { storage, outputDir, signals, clock, catalogue } = this.#options;
    const inUse = new Set(catalogue.segments.map(({ path }) => dirname(path)));
    const today = dateFolder(BigInt(clock.unixMs() - folderAgeMinMs) * 1_000_000n);
    for (const folder of signals.flatMap((signal) => dateFolders(storage, outputDir, signal))) {
      // The names are dates, which sort like the dates themselves.
      if (inUse.has(folder) || folder.slice(folder.indexOf('/') + 1) >= today) continue;
      try {
        storage.removeFolder(join(outputDir, folder));
      } catch {
        // The folder contains files of someone else, or this process may not remove it.
      }
    }
  }

  #tell(done: readonly Deletion[], missingFreeBytes: number): void {
    const { journal } = this.#options;
    const isForced = done.some(({ reason }) => reason === 'free_space');
    if (done.length > 0) {
      const bytes = done.reduce((sum, deletion) => sum + deletion.bytes, 0);
      const why = isForced ? ': less was free than retention.min_free_bytes' : '';
      const reasons = [...new Set(done.map(({ reason }) => reason))].join(', ');
      const fields = { segments: done.length, bytes, reasons };
      journal.write(isForced ? 'warn' : 'info', `retention deleted segments${why}`, fields);
    }
    const isShort = missingFreeBytes > 0;
    if (isShort && !this.#isShort) {
      const remedy = 'no segment older than an hour is left that may go; free some space';
      const fields = { missing_bytes: missingFreeBytes };
      journal.write('warn', `less is free than retention.min_free_bytes: ${remedy}`, fields);
    }
    this.#isShort = isShort;
  }
}

/** True if the path leads, without links, to the file for which the deletion was planned. */
function isOwnFile(storage: Storage, outputDir: string, path: string, bytes: number): boolean {
  const facts = storage.stat(join(outputDir, path));
  if (facts?.kind !== 'file' || facts.bytes !== bytes) return false;
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
    if (storage.stat(join(outputDir, folder))?.kind !== 'folder') return false;
  }
  return true;
}
