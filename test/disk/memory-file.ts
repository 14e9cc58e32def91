/** A storage with one open file in memory, for tests that check very many files. */

import type { Storage } from '../../src/disk/storage.ts';
import { invariant } from '../../src/shared/invariant.ts';

export interface MemoryFile extends Storage {
  /** The current content of the file. */
  readonly content: Uint8Array;
}

/** Returns the storage. Every file number means this file. The first change copies its bytes. */
export function memoryFile(bytes: Uint8Array): MemoryFile {
  let content = bytes;
  const files: Partial<MemoryFile> = {
    get content() {
      return content;
    },
    read: (_file, view, position) => {
      const part = content.subarray(position, position + view.byteLength);
      view.set(part);
      return part.byteLength;
    },
    write: (_file, views, position) => {
      invariant(position === content.byteLength, 'a test writes at the end');
      content = Buffer.concat([content, ...views]);
      return content.byteLength - position;
    },
    truncate: (_file, length) => {
      content = content.slice(0, length);
    },
    syncData: () => {},
    statOpen: () => ({
      kind: 'file',
      ...{ bytes: content.byteLength, modifiedMs: 0, links: 1, device: 1, inode: 1 },
    }),
  };
  return files as MemoryFile;
}
