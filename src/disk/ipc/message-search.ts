/** Finds messages of a stream whose place is not known, as the one before them is damaged. */
import { readRange } from '../file-range.ts';
import type { OpenFile, Storage } from '../storage.ts';
import { checkBodyChecksum } from './body-checksum.ts';
import { continuationMarker, messageAlignmentBytes, metadataBytesMax } from './ipc-format.ts';
import { readMessages } from './ipc-reader.ts';

/** So much is in memory at a time; a multiple of the pieces. */
const windowBytes = 1024 * 1024;

/** A sector that cannot be read hides no more; a multiple of the alignment. */
const pieceBytes = 4096;

/**
 * Places that are looked into before the search gives up: each may cost as much as a batch to read,
 * and in columns as they are written by chance hardly one looks like a message.
 */
const candidateCountMax = 10_000;

const marker = Buffer.alloc(4);
marker.writeUInt32LE(continuationMarker);

/**
 * What the first message from the offset on gives, for which the function gives anything. Only
 * multiples of 8 that start like a message are looked at. What the disk does not give is stepped
 * over.
 */
export function findMessage<T>(
  storage: Storage,
  file: OpenFile,
  from: number,
  look: (offset: number) => T | undefined,
): T | undefined {
  let leftCount = candidateCountMax;
  for (const offset of candidates(storage, file, from)) {
    const found = look(offset);
    if (found !== undefined) return found;
    leftCount -= 1;
    if (leftCount === 0) return undefined;
  }
  return undefined;
}

/** Where the first batch lies whose body has its checksum: what is torn has none behind it. */
export function findWholeBatch(storage: Storage, file: OpenFile, from: number): number | undefined {
  return findMessage(storage, file, from, (offset) => {
    const { value } = readMessages(storage, file, offset).next();
    if (value?.kind !== 'recordBatch') return undefined;
    return checkBodyChecksum(storage, file, value) === 'right' ? offset : undefined;
  });
}

function* candidates(storage: Storage, file: OpenFile, from: number): Generator<number> {
  const fileBytes = storage.statOpen(file).bytes;
  for (let start = from; start < fileBytes; start += windowBytes) {
    const bytes = Math.min(windowBytes, fileBytes - start);
    const window = readWindow(storage, file, start, bytes);
    let at = window.indexOf(marker);
    while (at >= 0 && at + messageAlignmentBytes <= bytes) {
      if (startsLikeMessage(window, at)) yield start + at;
      // The next multiple of 8; a marker that starts between two is none.
      at = window.indexOf(marker, at + 1);
    }
  }
}

/** With zeros where the disk gives nothing. */
function readWindow(storage: Storage, file: OpenFile, start: number, bytes: number): Buffer {
  const whole = readRange(storage, file, start, bytes);
  if (whole.byteLength === bytes) return Buffer.from(whole.buffer);
  const window = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += pieceBytes) {
    window.set(readRange(storage, file, start + at, Math.min(pieceBytes, bytes - at)), at);
  }
  return window;
}

function startsLikeMessage(window: Buffer, at: number): boolean {
  if (at % messageAlignmentBytes !== 0) return false;
  const metadataBytes = window.readInt32LE(at + marker.byteLength);
  const isInside = metadataBytes > 0 && metadataBytes <= metadataBytesMax;
  return isInside && metadataBytes % messageAlignmentBytes === 0;
}
