/** Finds out where an open file is now, and saves its bytes if it was deleted. */
import { dirname, join } from 'node:path';
import { syncFoldersAbove } from './folders-above.ts';
import { type FileFacts, isSameFile, type OpenFile, type Storage } from './storage.ts';
import { succeeds } from './tolerated-faults.ts';
import { writeAll } from './write-all.ts';

/**
 * there: the path leads to the file. deleted: no name leads to it, and its bytes are lost when it
 * is closed. moved: it has a name, but not this one.
 */
export type Whereabouts = 'there' | 'deleted' | 'moved';

/** Bytes copied at a time. Larger chunks were no faster. */
const chunkBytes = 1024 * 1024;

export function whereabouts(storage: Storage, file: OpenFile, path: string): Whereabouts {
  const open = storage.statOpen(file);
  const named = storage.stat(path);
  if (named !== undefined && isTakenForSame(open, named)) return 'there';
  return open.links === 0 ? 'deleted' : 'moved';
}

/**
 * Some network disks give a file a new number at each look; then length and time decide. This can
 * mistake a copy with the same time for the file itself, but only until the file has grown.
 */
function isTakenForSame(open: FileFacts, named: FileFacts): boolean {
  if (isSameFile(open, named)) return true;
  return open.links > 0 && open.bytes === named.bytes && open.modifiedMs === named.modifiedMs;
}

/**
 * Copies the first bytes of a file into an empty one, and makes the copy and its name durable. If
 * it throws, the copy is closed and its name, which is below the output directory, is removed.
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
 * Makes it durable that the path, below the output directory, has no file any more. Syncs the
 * lowest folder above it that still exists.
 */
export function syncRemoval(storage: Storage, outputDir: string, path: string): void {
  let folder = dirname(path);
  while (folder !== '.' && storage.stat(join(outputDir, folder)) === undefined) {
    folder = dirname(folder);
  }
  const left = join(outputDir, folder);
  if (storage.stat(left) !== undefined) storage.syncFolder(left);
}
