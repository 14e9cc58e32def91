/**
 * Moves a damaged segment to `.archer/damaged` and puts its whole batches in its place.
 *
 *     P  the segment             traces/date=…/X.arrow
 *     D  where the original goes .archer/damaged/X.arrow
 *     T  what is to replace it   .archer/damaged/X.arrow.tmp
 *
 *     P damaged ──write and sync T──> P, T ──rename P to D──> D, T ──rename T to P──> D, P whole
 *
 * 1. While P is there, T counts for nothing: it is removed and written anew.
 * 2. P is moved only when T is durable, so a T without its P is whole and only has to be renamed.
 * 3. At no moment are two files in the archive that hold the same batch.
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
  /** Below the output directory; a file is there again if a batch was whole. */
  readonly path: string;
  /** Where the original is now. */
  readonly damagedPath: string;
  readonly keptBatches: number;
}

/** What is whole in a segment. */
export interface WholeContent {
  /** From the file's start to the end of the schema. */
  readonly schemaBytes: number;
  readonly batches: readonly SoundBatch[];
}

const temporarySuffix = '.tmp';

/** So much is in memory at a time. */
const chunkBytes = 1024 * 1024;

/** Durable when it returns. The kept batches are whole ones of the segment, as is its schema. */
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
  // Also where nothing takes its place: the folder is new, or has lost the name of an older T.
  syncFoldersAbove(storage, outputDir, temporary);
  const damagedPath = freePath(storage, outputDir, `${damagedFolder}/${fileName}`);
  storage.rename(join(outputDir, path), join(outputDir, damagedPath));
  storage.syncFolder(join(outputDir, damagedFolder));
  if (keptBatches > 0) storage.rename(join(outputDir, temporary), join(outputDir, path));
  syncFoldersAbove(storage, outputDir, path);
  storage.syncFolder(join(outputDir, damagedFolder));
  return { path, damagedPath, keptBatches };
}

/**
 * Brings to an end what was interrupted: each T goes to the place of its P, or away. Returns the
 * segments that are there again.
 */
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
      // What takes the place of an Arrow IPC file is a stream too.
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

/** Returns the position behind what was written. */
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

/**
 * What was set aside before under the same name stays; more than a few of one segment never come.
 */
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
