/** Finds the segments of an output directory by the names of folders and files. */
import { join } from 'node:path';
import type { Signal } from '../../shared/signal.ts';
import { isDateFolder, parseSegmentFileName, type SegmentName, sealedPath } from '../layout.ts';
import type { EntryKind, OpenFile, Storage } from '../storage.ts';
import { ifThere } from '../tolerated-faults.ts';

export interface SegmentFile extends SegmentName {
  /** Below the output directory, with slashes. */
  readonly path: string;
}

/**
 * The files with a segment's name in a date's folder, by number; all else is not ours. A staged
 * segment beside the file that was made of it is left out, as it has the same rows.
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

/** Those too that segmentFiles leaves out. */
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

/** The signal's folders of dates, below the output directory; a link is none. */
export function dateFolders(storage: Storage, outputDir: string, signal: Signal): string[] {
  const names = entryNames(storage, outputDir, signal, 'folder').filter(isDateFolder);
  return names.map((name) => `${signal}/${name}`);
}

/** What a path below the output directory says, if it is one that segmentFiles may give. */
export function toSegmentFile(path: string): SegmentFile | undefined {
  const [signal, folder, fileName, ...rest] = path.split('/');
  if (fileName === undefined || rest.length > 0 || !isDateFolder(folder ?? '')) return undefined;
  const name = parseSegmentFileName(fileName);
  return name === undefined || name.signal !== signal ? undefined : { ...name, path };
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
