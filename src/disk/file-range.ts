/** Reads a range of bytes and repeats the read call if the disk returns fewer bytes at first. */
import type { OpenFile, Storage } from './storage.ts';
import { ifThere } from './tolerated-faults.ts';

/** Returns the bytes from the position on; fewer if the file ends before. */
export function readRange(
  storage: Storage,
  file: OpenFile,
  position: number,
  bytes: number,
): Uint8Array<ArrayBuffer> {
  const target = new Uint8Array(bytes);
  let count = 0;
  while (count < bytes) {
    const more = storage.read(file, target.subarray(count), position + count);
    if (more === 0) break;
    count += more;
  }
  return target.subarray(0, count);
}

/**
 * Returns the first bytes of the file, at most `bytesMax`; undefined if there is no file. Does not
 * ask for the length first: files in /proc report none, and the file may be replaced in between.
 */
export function readHead(storage: Storage, path: string, bytesMax: number): Uint8Array | undefined {
  const file = ifThere(() => storage.open(path, 'read'));
  if (file === undefined) return undefined;
  try {
    return readRange(storage, file, 0, bytesMax);
  } finally {
    storage.close(file);
  }
}
