/** Makes the names on the way to a file durable. */
import { dirname, join } from 'node:path';
import type { Storage } from './storage.ts';

/** The file's folder and those above it up to the output directory; the path is below that. */
export function syncFoldersAbove(storage: Storage, outputDir: string, path: string): void {
  let folder = dirname(path);
  while (folder !== '.') {
    storage.syncFolder(join(outputDir, folder));
    folder = dirname(folder);
  }
  storage.syncFolder(outputDir);
}
