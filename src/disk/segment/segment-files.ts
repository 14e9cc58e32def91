/** Finds the segments of an output directory by the names of folders and files. */
import { join } from 'node:path';
import type { Signal } from '../../shared/signal.ts';
import { isDateFolder, parseSegmentFileName, type SegmentName, sealedPath } from '../layout.ts';
import type { EntryKind, OpenFile, Storage } from '../storage.ts';
import { ifThere } from '../tolerated-faults.ts';

export interface SegmentFile extends SegmentName {
  /** Below the output directory, with forward slashes. */
  readonly path: string;
}

/**
 * All files with a segment's name in a folder of a date, ordered by number. Other files are
 * ignored. A staged segment is left out if its sealed file is there too, because both have the same
 * rows.
 */
export function segmentFiles(
  storage: Storage,
  outputDir: string,
  signals: readonly Signal[],
): SegmentFile[] {
  const files = allSegmentFiles(storage, outputDir, signals);
  const paths = new Set(files.map(({ path }) => path));
  return files.filter(({ path }) => !paths.has(sealedPath(path) ?? ''));
}

/** Like segmentFiles, but includes staged segments beside their sealed file. */
export function allSegmentFiles(
  storage: Storage,
  outputDir: string,
  signals: readonly Signal[],
): SegmentFile[] {
  const files = signals.flatMap((signal) =>
    dateFolders(storage, outputDir, signal).flatMap((folder) =>
      filesOfFolder(storage, outputDir, folder).filter((file) => file.signal === signal),
    ),
  );
  return files.sort((a, b) => a.number - b.number || (a.path < b.path ? -1 : 1));
}

/** The signal's folders of dates, below the output directory. Symbolic links are ignored. */
export function dateFolders(storage: Storage, outputDir: string, signal: Signal): string[] {
  const names = entryNames(storage, outputDir, signal, 'folder').filter(isDateFolder);
  return names.map((name) => `${signal}/${name}`);
}

/** Parses a path below the output directory; undefined unless segmentFiles can return it. */
export function toSegmentFile(path: string): SegmentFile | undefined {
  const [signal, folder, fileName, ...rest] = path.split('/');
  if (fileName === undefined || rest.length > 0 || !isDateFolder(folder ?? '')) return undefined;
  const name = parseSegmentFileName(fileName);
  return name === undefined || name.signal !== signal ? undefined : { ...name, path };
}

/** Opens the segment and returns the function's result; undefined if the segment is gone. */
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
