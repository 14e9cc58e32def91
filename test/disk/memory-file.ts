/** A storage that holds one open file, in memory; for tests that look at very many of them. */

import type { Storage } from '../../src/disk/storage.ts';
import { invariant } from '../../src/shared/invariant.ts';

export interface MemoryFile extends Storage {
  /** What the file holds now. */
  readonly content: Uint8Array;
}

/** The file of any number. Its bytes are copied when they are first changed. */
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
