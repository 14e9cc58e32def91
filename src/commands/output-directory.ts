/** Finds the output directory that a segment lies in, and who is recording there. */
import { basename, dirname, join, resolve } from 'node:path';
import { privateFolder } from '../disk/segment/checkpoint.ts';
import { isDateFolder, parseSegmentFileName } from '../disk/segment/file-names.ts';
import type { Storage } from '../disk/storage.ts';

/** Undefined for a file that lies where no recorder writes, such as a copy. */
export function outputDirectoryOf(storage: Storage, path: string): string | undefined {
  const dateFolder = dirname(resolve(path));
  const signalFolder = dirname(dateFolder);
  const signal = parseSegmentFileName(basename(path))?.signal;
  const isPlace = signal === basename(signalFolder) && isDateFolder(basename(dateFolder));
  const outputDir = dirname(signalFolder);
  const isHome = isPlace && storage.stat(join(outputDir, privateFolder))?.kind === 'folder';
  return isHome ? outputDir : undefined;
}
