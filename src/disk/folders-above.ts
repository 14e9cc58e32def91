/** Makes the names of the folders above a file durable. */
import { dirname, join } from 'node:path';
import type { Storage } from './storage.ts';

/** Syncs the file's folder and all folders above it. The path is below the output directory. */
export function syncFoldersAbove(storage: Storage, outputDir: string, path: string): void {
  let folder = dirname(path);
  while (folder !== '.') {
    storage.syncFolder(join(outputDir, folder));
    folder = dirname(folder);
  }
  storage.syncFolder(outputDir);
}
