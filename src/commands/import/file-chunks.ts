/** The bytes of a file, or of standard input, in chunks. */
import type { Storage } from '../../disk/storage.ts';

/** What stands for standard input among the names of files. */
export const standardInput = '-';

/** How long a file is; undefined where none is. */
export function fileBytes(storage: Storage, path: string): number | undefined {
  try {
    const file = storage.open(path, 'read');
    try {
      const { kind, bytes } = storage.statOpen(file);
      return kind === 'file' ? bytes : undefined;
    } finally {
      storage.close(file);
    }
  } catch {
    return undefined;
  }
}

/** A chunk is read within a millisecond, and a file of gigabytes in some thousand calls. */
const chunkBytes = 1024 * 1024;

/** `onBytes` is told of each chunk; the file is closed when the reader leaves. */
export async function* fileChunks(
  storage: Storage,
  path: string,
  onBytes: (byteCount: number) => void,
): AsyncGenerator<Uint8Array, undefined, undefined> {
  if (path === standardInput) {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      onBytes(chunk.length);
      yield chunk;
    }
    return;
  }
  const file = storage.open(path, 'read');
  try {
    for (let position = 0; ; ) {
      // A chunk of its own each time: requests under way still lie in the one before.
      const chunk = new Uint8Array(chunkBytes);
      const byteCount = storage.read(file, chunk, position);
      if (byteCount === 0) return;
      position += byteCount;
      onBytes(byteCount);
      yield chunk.subarray(0, byteCount);
    }
  } finally {
    storage.close(file);
  }
}
