/** Keeps a summary of each sealed segment of an output directory. */
import { join } from 'node:path';
import type { Signal } from '../../shared/signal.ts';
import { sealedPath } from '../layout.ts';
import { type SegmentFile, segmentFiles, toSegmentFile } from '../segment/segment-files.ts';
import type { Storage } from '../storage.ts';
import { type KeptSegments, readCatalogue, writeCatalogue } from './catalogue-file.ts';
import { type SegmentSummary, summarizeSegment } from './segment-summary.ts';

export interface CatalogueOptions {
  readonly storage: Storage;
  readonly outputDir: string;
  readonly signals: readonly Signal[];
}

const nothingKept: KeptSegments = new Map();

/**
 * Returns all segments of the signals in any state, ordered by number. A kept summary is used if
 * its file still has the same name and size; other segments are read. Segments that are deleted
 * meanwhile are left out.
 */
export function listSegments(
  storage: Storage,
  outputDir: string,
  signals: readonly Signal[],
  kept: KeptSegments = nothingKept,
): SegmentSummary[] {
  return segmentFiles(storage, outputDir, signals).flatMap((file) => {
    return lookUpSegment(storage, outputDir, file, kept) ?? [];
  });
}

/** The summary of one segment; undefined if it is gone. Throws the errors of the disk. */
export function lookUpSegment(
  storage: Storage,
  outputDir: string,
  file: SegmentFile,
  kept: KeptSegments,
): SegmentSummary | undefined {
  const known = keptSummary(storage, outputDir, file, kept);
  return known ?? summarizeWherever(storage, outputDir, file);
}

/** A staged segment that is gone may have been sealed since it was listed. */
function summarizeWherever(
  storage: Storage,
  outputDir: string,
  file: SegmentFile,
): SegmentSummary | undefined {
  const sealed = sealedPath(file.path);
  const found = summarizeSegment(storage, outputDir, file);
  if (found !== undefined || sealed === undefined) return found;
  return summarizeSegment(storage, outputDir, { ...file, path: sealed });
}

function keptSummary(
  storage: Storage,
  outputDir: string,
  { path }: SegmentFile,
  kept: KeptSegments,
): SegmentSummary | undefined {
  const known = kept.get(path);
  if (known === undefined) return undefined;
  return storage.stat(join(outputDir, path))?.bytes === known.bytes ? known : undefined;
}

/**
 * Kept summaries are available at once. Other segments are read one at a time by `readNext`, so
 * that no caller waits for all of them. Segments that are not sealed are examined again by
 * `refresh`.
 */
export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #sealed = new Map<string, SegmentSummary>();
  /** Segments that have not been read yet. */
  readonly #unread = new Map<string, SegmentFile>();
  /** Sizes of segments that were read and found without an end mark. */
  readonly #unsealed = new Map<string, number>();
  #isChanged = false;

  constructor(options: CatalogueOptions) {
    const { storage, outputDir, signals } = options;
    this.#options = options;
    const kept = readCatalogue(storage, outputDir);
    for (const file of segmentFiles(storage, outputDir, signals)) {
      const known = keptSummary(storage, outputDir, file, kept);
      if (known === undefined) this.#unread.set(file.path, file);
      else this.#sealed.set(file.path, known);
    }
    this.#isChanged = kept.size !== this.#sealed.size;
  }

  /** True if every segment found has been read. */
  get isComplete(): boolean {
    return this.#unread.size === 0;
  }

  /** True if there are changes that `save` has not written. */
  get isChanged(): boolean {
    return this.#isChanged;
  }

  /** The sealed segments, in any order. */
  get segments(): readonly SegmentSummary[] {
    return [...this.#sealed.values()];
  }

  get(path: string): SegmentSummary | undefined {
    return this.#sealed.get(path);
  }

  /** Reads one segment that has not been read yet. Returns false if there is none. */
  readNext(): boolean {
    const [next] = this.#unread.keys();
    if (next === undefined) return false;
    // Removed first, so that a segment that cannot be read is not tried again and again.
    this.#unread.delete(next);
    this.look(next);
    return true;
  }

  /** Examines a segment that is new, was sealed, or may have been changed or deleted. */
  look(path: string): void {
    const file = toSegmentFile(path);
    if (file === undefined || !this.#options.signals.includes(file.signal)) return;
    const { storage, outputDir } = this.#options;
    const facts = storage.stat(join(outputDir, path));
    const known = this.#sealed.get(path);
    if (facts?.kind === 'file' && facts.bytes === known?.bytes) return;
    this.forget(path);
    if (facts?.kind !== 'file' || this.#isReplaced(path)) return;
    // Set even if it cannot be read: it is examined again when its size has changed.
    this.#unsealed.set(path, facts.bytes);
    const summary = summarizeSegment(storage, outputDir, file);
    if (summary?.state !== 'sealed') return;
    this.#unsealed.delete(path);
    this.#sealed.set(path, summary);
    this.#isChanged = true;
  }

  /** Removes a segment that was deleted. */
  forget(path: string): void {
    if (this.#sealed.delete(path)) this.#isChanged = true;
    this.#unread.delete(path);
    this.#unsealed.delete(path);
  }

  /** Finds new and deleted segments by name, and segments that may have been sealed by size. */
  refresh(): void {
    const { storage, outputDir, signals } = this.#options;
    const files = segmentFiles(storage, outputDir, signals);
    const paths = new Set(files.map(({ path }) => path));
    for (const path of [...this.#sealed.keys(), ...this.#unsealed.keys(), ...this.#unread.keys()]) {
      if (!paths.has(path)) this.forget(path);
    }
    for (const file of files.filter(({ path }) => !this.#sealed.has(path))) {
      const bytes = storage.stat(join(outputDir, file.path))?.bytes;
      if (bytes !== this.#unsealed.get(file.path)) this.#unread.set(file.path, file);
    }
  }

  /** Writes the summaries to `.archer/catalogue`. */
  save(): void {
    const { storage, outputDir } = this.#options;
    writeCatalogue(storage, outputDir, this.segments);
    this.#isChanged = false;
  }

  /** True if the sealed file of a staged segment exists too. It has the same rows. */
  #isReplaced(path: string): boolean {
    const { storage, outputDir } = this.#options;
    const target = sealedPath(path);
    return target !== undefined && storage.stat(join(outputDir, target)) !== undefined;
  }
}
