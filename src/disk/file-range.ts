/** Reads bytes of files whole, going on where the disk gave fewer than it was asked for. */
import type { OpenFile, Storage } from './storage.ts';
import { ifThere } from './tolerated-faults.ts';

/** The bytes from the position on; fewer where the file ends before. */
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
 * The file's first bytes, so many at most; undefined where no file is. Asks no length before: files
 * of /proc have none, and a file that is replaced between two questions has another.
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
