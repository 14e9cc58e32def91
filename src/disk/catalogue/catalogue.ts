/** Knows the sealed segments of an output directory, and what each holds. */
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
 * All segments of the signals, by number, whatever their state. What is kept of one is believed if
 * its file has the same name and size; the others are read. One deleted meanwhile is left out.
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

/** One of them; undefined where it is gone. Throws what the disk throws. */
export function lookUpSegment(
  storage: Storage,
  outputDir: string,
  file: SegmentFile,
  kept: KeptSegments,
): SegmentSummary | undefined {
  const known = keptSummary(storage, outputDir, file, kept);
  return known ?? summarizeWherever(storage, outputDir, file);
}

/** A staged segment that is no longer there may have been sealed since it was listed. */
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
 * What was kept is there at once; what was not is read piece by piece (`readNext`), so that nobody
 * waits for it. Segments that are not sealed are looked at again from time to time.
 */
export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #sealed = new Map<string, SegmentSummary>();
  /** Still to be read. */
  readonly #unread = new Map<string, SegmentFile>();
  /** Read and found without an end, with the size that they had. */
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

  /** Whether every segment that was found has been looked at. */
  get isComplete(): boolean {
    return this.#unread.size === 0;
  }

  /** Whether something is not kept yet. */
  get isChanged(): boolean {
    return this.#isChanged;
  }

  /** The sealed ones, in no order. */
  get segments(): readonly SegmentSummary[] {
    return [...this.#sealed.values()];
  }

  get(path: string): SegmentSummary | undefined {
    return this.#sealed.get(path);
  }

  /** Reads one segment that is still to be read; false when none is. */
  readNext(): boolean {
    const [next] = this.#unread.keys();
    if (next === undefined) return false;
    // First, so that one at which the disk fails is not met again and again.
    this.#unread.delete(next);
    this.look(next);
    return true;
  }

  /** To be told of a segment that came, was sealed, or may have been changed or deleted. */
  look(path: string): void {
    const file = toSegmentFile(path);
    if (file === undefined || !this.#options.signals.includes(file.signal)) return;
    const { storage, outputDir } = this.#options;
    const facts = storage.stat(join(outputDir, path));
    const known = this.#sealed.get(path);
    if (facts?.kind === 'file' && facts.bytes === known?.bytes) return;
    this.forget(path);
    if (facts?.kind !== 'file' || this.#isReplaced(path)) return;
    // Also where it cannot be read: it is looked at again when it has another size.
    this.#unsealed.set(path, facts.bytes);
    const summary = summarizeSegment(storage, outputDir, file);
    if (summary?.state !== 'sealed') return;
    this.#unsealed.delete(path);
    this.#sealed.set(path, summary);
    this.#isChanged = true;
  }

  /** To be told of a segment that was deleted. */
  forget(path: string): void {
    if (this.#sealed.delete(path)) this.#isChanged = true;
    this.#unread.delete(path);
    this.#unsealed.delete(path);
  }

  /** To be told of a file or a folder that is gone; '' is the output directory. */
  forgetBelow(path: string): void {
    const known = [...this.#sealed.keys(), ...this.#unsealed.keys(), ...this.#unread.keys()];
    for (const other of known) {
      if (path === '' || other === path || other.startsWith(`${path}/`)) this.forget(other);
    }
  }

  /** Finds by names what has come or gone, and by sizes what may have been sealed meanwhile. */
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

  /** Puts what is known into `.archer/catalogue`. */
  save(): void {
    const { storage, outputDir } = this.#options;
    writeCatalogue(storage, outputDir, this.segments);
    this.#isChanged = false;
  }

  /** Whether the file that was made of a staged segment is there too: that has its rows. */
  #isReplaced(path: string): boolean {
    const { storage, outputDir } = this.#options;
    const target = sealedPath(path);
    return target !== undefined && storage.stat(join(outputDir, target)) !== undefined;
  }
}
