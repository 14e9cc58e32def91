/** Replaces a small file as a whole, so that a reader never finds half of it. */
import { dirname } from 'node:path';
import type { Storage } from './storage.ts';
import { writeAll } from './write-all.ts';

/**
 * Replaces the file's content. At every moment, also after a power loss, the file holds either the
 * old bytes or the new ones. The change is durable when this returns. Only one writer at a time is
 * allowed: the temporary name is fixed, so that the next write removes what a dead writer left.
 */
export function writeFileAtomically(storage: Storage, path: string, bytes: Uint8Array): void {
  const temporary = `${path}.tmp`;
  if (storage.stat(temporary) !== undefined) storage.remove(temporary);
  const file = storage.open(temporary, 'create');
  try {
    writeAll(storage, file, [bytes], 0);
    storage.syncData(file);
  } finally {
    storage.close(file);
  }
  storage.rename(temporary, path);
  storage.syncFolder(dirname(path));
}
