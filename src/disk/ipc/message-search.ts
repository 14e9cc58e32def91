/** Finds messages of a stream at unknown offsets, after a damaged message. */
import { readRange } from '../file-range.ts';
import type { OpenFile, Storage } from '../storage.ts';
import { checkBodyChecksum } from './body-checksum.ts';
import { continuationMarker, messageAlignmentBytes, metadataBytesMax } from './ipc-format.ts';
import { readMessages } from './ipc-reader.ts';

/** Bytes in memory at a time; a multiple of pieceBytes. */
const windowBytes = 1024 * 1024;

/** An unreadable sector hides at most this many bytes; a multiple of the alignment. */
const pieceBytes = 4096;

/**
 * The search gives up after this many candidates. Each may cost as much as reading a batch, and in
 * the bytes of ordinary columns hardly one candidate occurs by chance.
 */
const candidateCountMax = 10_000;

const marker = Buffer.alloc(4);
marker.writeUInt32LE(continuationMarker);

/**
 * Calls `look` for each multiple of 8, from the offset on, that looks like the start of a message.
 * Returns its first result that is not undefined. Unreadable bytes are skipped.
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

/** Offset of the first batch with a right checksum. A torn tail is not followed by one. */
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
      // Markers at other offsets than multiples of 8 are chance.
      at = window.indexOf(marker, at + 1);
    }
  }
}

/** Bytes that the disk cannot read become zeros. */
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
