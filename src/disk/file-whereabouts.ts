/** Where an open file is now, and how its bytes are saved when it is nowhere. */
import { dirname, join } from 'node:path';
import { syncFoldersAbove } from './folders-above.ts';
import { type FileFacts, isSameFile, type OpenFile, type Storage } from './storage.ts';
import { succeeds } from './tolerated-faults.ts';
import { writeAll } from './write-all.ts';

/**
 * there: the path leads to it. deleted: no name leads to it, and its bytes go with the descriptor.
 * moved: it has a name, and not this one.
 */
export type Whereabouts = 'there' | 'deleted' | 'moved';

/** Read and written at a time; more is no faster. */
const chunkBytes = 1024 * 1024;

export function whereabouts(storage: Storage, file: OpenFile, path: string): Whereabouts {
  const open = storage.statOpen(file);
  const named = storage.stat(path);
  if (named !== undefined && isTakenForSame(open, named)) return 'there';
  return open.links === 0 ? 'deleted' : 'moved';
}

/**
 * Some network disks number a file anew at each look; then length and time tell. What they mistake
 * for the file itself, a copy with its time, no longer looks like it once the file has grown.
 */
function isTakenForSame(open: FileFacts, named: FileFacts): boolean {
  if (isSameFile(open, named)) return true;
  return open.links > 0 && open.bytes === named.bytes && open.modifiedMs === named.modifiedMs;
}

/**
 * Copies the first bytes of one file into another, which is empty, and returns when that survives
 * power loss. When it throws, the other one is closed and its name, below the output directory, is
 * gone.
 */
export function copyDurably(
  storage: Storage,
  outputDir: string,
  from: { readonly file: OpenFile; readonly bytes: number },
  to: { readonly file: OpenFile; readonly path: string },
): void {
  try {
    copyBytes(storage, from.file, to.file, from.bytes);
    storage.syncData(to.file);
    syncFoldersAbove(storage, outputDir, to.path);
  } catch (error) {
    succeeds(() => storage.close(to.file));
    succeeds(() => storage.remove(join(outputDir, to.path)));
    throw error;
  }
}

function copyBytes(storage: Storage, from: OpenFile, to: OpenFile, bytes: number): void {
  const chunk = new Uint8Array(Math.min(bytes, chunkBytes));
  let copied = 0;
  while (copied < bytes) {
    const count = storage.read(from, chunk.subarray(0, bytes - copied), copied);
    if (count === 0) throw new Error('the open file is shorter than what was written to it');
    copied = writeAll(storage, to, [chunk.subarray(0, count)], copied);
  }
}

/**
 * Returns when it survives power loss that the path, below the output directory, has no file any
 * more: the folder that is left of those above it is synced.
 */
export function syncRemoval(storage: Storage, outputDir: string, path: string): void {
  let folder = dirname(path);
  while (folder !== '.' && storage.stat(join(outputDir, folder)) === undefined) {
    folder = dirname(folder);
  }
  const left = join(outputDir, folder);
  if (storage.stat(left) !== undefined) storage.syncFolder(left);
}
