/** Replaces a small file whole, so that nobody ever finds half of it. */
import { dirname } from 'node:path';
import type { Storage } from './storage.ts';
import { writeAll } from './write-all.ts';

/**
 * Puts the bytes in the place of the file, so that at every moment, power loss included, either the
 * old ones are there or the new. Durable when it returns. One writer at a time: the temporary name
 * is fixed, so that what a dead writer left is used up by the next.
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
