/**
 * Moves a damaged segment to `.archer/damaged` and puts its whole batches in its place.
 *
 *     P  the segment             traces/date=…/X.arrow
 *     D  the original's new path .archer/damaged/X.arrow
 *     T  its replacement         .archer/damaged/X.arrow.tmp
 *
 *     P damaged ──write and sync T──> P, T ──rename P to D──> D, T ──rename T to P──> D, P whole
 *
 * 1. While P exists, T counts for nothing: it is removed and written again.
 * 2. P is moved only after T is durable. So a T without its P is whole and only has to be renamed.
 * 3. At no moment do two files in the archive hold the same batch.
 */
import { basename, dirname, join } from 'node:path';
import { readRange } from '../file-range.ts';
import { syncFoldersAbove } from '../folders-above.ts';
import { streamStart } from '../ipc/ipc-file-format.ts';
import { endOfStream } from '../ipc/ipc-format.ts';
import { damagedFolder, parseSegmentFileName, segmentPath } from '../layout.ts';
import type { OpenFile, Storage } from '../storage.ts';
import { writeAll } from '../write-all.ts';
import { isWholeSegment, type SegmentSurvey } from './segment-survey.ts';
import type { SoundBatch } from './sound-batch.ts';

export interface SetAsideSegment {
  /** Below the output directory. A file exists here again if at least one batch was whole. */
  readonly path: string;
  /** Path of the original now. */
  readonly damagedPath: string;
  readonly keptBatches: number;
}

/** The whole parts of a segment. */
export interface WholeContent {
  /** Length from the file's start to the end of the schema. */
  readonly schemaBytes: number;
  readonly batches: readonly SoundBatch[];
}

const temporarySuffix = '.tmp';

/** Bytes copied at a time. */
const chunkBytes = 1024 * 1024;

/** Durable when it returns. The schema and the kept batches must be whole. */
export function setAside(
  storage: Storage,
  outputDir: string,
  path: string,
  kept: WholeContent,
): SetAsideSegment {
  const fileName = basename(path);
  const temporary = `${damagedFolder}/${fileName}${temporarySuffix}`;
  storage.makeFolder(join(outputDir, damagedFolder));
  removeIfThere(storage, join(outputDir, temporary));
  const keptBatches = kept.batches.length;
  if (keptBatches > 0) writeReplacement(storage, outputDir, { path, temporary }, kept);
  // Synced even without a T: the folder may be new, or an older T was removed from it.
  syncFoldersAbove(storage, outputDir, temporary);
  const damagedPath = freePath(storage, outputDir, `${damagedFolder}/${fileName}`);
  storage.rename(join(outputDir, path), join(outputDir, damagedPath));
  storage.syncFolder(join(outputDir, damagedFolder));
  if (keptBatches > 0) storage.rename(join(outputDir, temporary), join(outputDir, path));
  syncFoldersAbove(storage, outputDir, path);
  storage.syncFolder(join(outputDir, damagedFolder));
  return { path, damagedPath, keptBatches };
}

/** Completes interrupted moves: renames each T to its P or removes it. Returns the restored P. */
export function finishSetAsides(
  storage: Storage,
  outputDir: string,
  survey: (path: string) => SegmentSurvey | undefined,
): SetAsideSegment[] {
  return temporaryNames(storage, outputDir).flatMap((temporaryName) => {
    const fileName = temporaryName.slice(0, -temporarySuffix.length);
    const name = parseSegmentFileName(fileName);
    if (name === undefined) return [];
    const path = segmentPath(name);
    const temporary = `${damagedFolder}/${temporaryName}`;
    const found = storage.stat(join(outputDir, path)) === undefined ? survey(temporary) : undefined;
    if (found === undefined || !isWholeSegment(found)) {
      storage.remove(join(outputDir, temporary));
      return [];
    }
    storage.makeFolder(dirname(join(outputDir, path)));
    storage.rename(join(outputDir, temporary), join(outputDir, path));
    syncFoldersAbove(storage, outputDir, path);
    storage.syncFolder(join(outputDir, damagedFolder));
    const damagedPath = `${damagedFolder}/${fileName}`;
    return [{ path, damagedPath, keptBatches: found.batches.length }];
  });
}

function temporaryNames(storage: Storage, outputDir: string): string[] {
  const folder = join(outputDir, damagedFolder);
  if (storage.stat(folder)?.kind !== 'folder') return [];
  const names = storage.list(folder).map(({ name }) => name);
  return names.filter((name) => name.endsWith(temporarySuffix)).sort();
}

function writeReplacement(
  storage: Storage,
  outputDir: string,
  { path, temporary }: { readonly path: string; readonly temporary: string },
  { schemaBytes, batches }: WholeContent,
): void {
  const source = storage.open(join(outputDir, path), 'read');
  try {
    const target = storage.open(join(outputDir, temporary), 'create');
    try {
      let end = 0;
      // The replacement of an Arrow IPC file is a stream, too.
      const start = streamStart(storage, source);
      const schema = { offset: start, bytes: schemaBytes - start };
      for (const { offset, bytes } of [schema, ...batches]) {
        end = copyRange(storage, source, { offset, bytes }, target, end);
      }
      writeAll(storage, target, [endOfStream], end);
      storage.syncData(target);
    } finally {
      storage.close(target);
    }
  } finally {
    storage.close(source);
  }
}

/** Returns the position after the last byte written. */
function copyRange(
  storage: Storage,
  source: OpenFile,
  { offset, bytes }: { readonly offset: number; readonly bytes: number },
  target: OpenFile,
  position: number,
): number {
  let end = position;
  for (let done = 0; done < bytes; done += chunkBytes) {
    const chunk = readRange(storage, source, offset + done, Math.min(chunkBytes, bytes - done));
    end = writeAll(storage, target, [chunk], end);
  }
  if (end - position !== bytes) throw new Error('a segment changed while it was recovered');
  return end;
}

/** Earlier files of the same name stay. A segment is never set aside more than a few times. */
function freePath(storage: Storage, outputDir: string, path: string): string {
  let free = path;
  for (let count = 1; storage.stat(join(outputDir, free)) !== undefined; count++) {
    free = `${path}.${count}`;
  }
  return free;
}

function removeIfThere(storage: Storage, path: string): void {
  if (storage.stat(path) !== undefined) storage.remove(path);
}
