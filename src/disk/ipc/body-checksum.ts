/** Compares the body of a batch with the checksum in its message. */
import { crc32 } from 'node:zlib';
import { readRange } from '../file-range.ts';
import type { OpenFile, Storage } from '../storage.ts';
import type { StreamMessage } from './ipc-reader.ts';
import { readBodyCrc32 } from './message-metadata.ts';

/** Bytes of a body in memory at a time. */
const chunkBytes = 1024 * 1024;

/** `wrong` also means that the file became shorter after the message was read. */
export type ChecksumState = 'right' | 'wrong' | 'missing';

export function checkBodyChecksum(
  storage: Storage,
  file: OpenFile,
  { bodyOffset, bodyBytes, customMetadata }: StreamMessage,
): ChecksumState {
  const stated = readBodyCrc32(customMetadata);
  if (stated === undefined) return 'missing';
  let sum = 0;
  for (let done = 0; done < bodyBytes; done += chunkBytes) {
    const bytes = Math.min(chunkBytes, bodyBytes - done);
    const chunk = readRange(storage, file, bodyOffset + done, bytes);
    if (chunk.byteLength < bytes) return 'wrong';
    sum = crc32(chunk, sum);
  }
  return sum === stated ? 'right' : 'wrong';
}
