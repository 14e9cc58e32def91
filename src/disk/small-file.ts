/** Small files, read whole and replaced whole. */
import { dirname } from 'node:path';
import type { Storage } from './storage.ts';
import { writeAll } from './write-all.ts';

/** The file's first bytes, so many at most; undefined where no file is. */
export function readSmallFile(
  storage: Storage,
  path: string,
  bytesMax: number,
): Uint8Array | undefined {
  const facts = storage.stat(path);
  if (facts?.kind !== 'file') return undefined;
  const file = storage.open(path, 'read');
  try {
    const bytes = new Uint8Array(Math.min(facts.bytes, bytesMax));
    let count = 0;
    while (count < bytes.byteLength) {
      const more = storage.read(file, bytes.subarray(count), count);
      if (more === 0) break;
      count += more;
    }
    return bytes.subarray(0, count);
  } finally {
    storage.close(file);
  }
}

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
