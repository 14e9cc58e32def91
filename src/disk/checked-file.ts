/**
 * A small text file that carries its own checksum, so that a damaged file is never mistaken for a
 * whole one. The checkpoint, the catalogue and the cursors are such files.
 *
 *     {"version":1, …}          the text: one or more lines, each ending with a line feed
 *     crc32 1f0c22a9            CRC-32 of all bytes before this line, as 8 hexadecimal digits
 */
import { crc32 } from 'node:zlib';
import { readRange } from './file-range.ts';
import { writeFileAtomically } from './small-file.ts';
import type { Storage } from './storage.ts';
import { ifThere } from './tolerated-faults.ts';

/** The text without its checksum line, or the reason why there is none. */
export type CheckedText = { readonly text: string } | 'absent' | 'damaged';

/** Earlier versions wrote the digits of a cursor's checksum without the word before them. */
const checksumLinePattern = /^(?:crc32 )?([0-9a-f]{8})\n$/;
const checksumLineBytesMax = 'crc32 01234567\n'.length;

/**
 * Replaces the file by the text and its checksum. The change is durable when this returns. The
 * folder must exist, and the text must end with a line feed. Throws the error of the disk.
 */
export function writeCheckedFile(storage: Storage, path: string, text: string): void {
  writeFileAtomically(storage, path, withChecksum(text));
}

/**
 * Reads the text of a file that `writeCheckedFile` wrote. A file above `bytesMax` bytes counts as
 * damaged and is not read. Throws the error of the disk.
 */
export function readCheckedFile(storage: Storage, path: string, bytesMax: number): CheckedText {
  const file = ifThere(() => storage.open(path, 'read'));
  if (file === undefined) return 'absent';
  try {
    const { bytes } = storage.statOpen(file);
    if (bytes > bytesMax) return 'damaged';
    return withoutChecksum(Buffer.from(readRange(storage, file, 0, bytes).buffer, 0, bytes));
  } finally {
    storage.close(file);
  }
}

/** The bytes of a checked file with this text, its checksum included. */
export function withChecksum(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([bytes, Buffer.from(`crc32 ${toHex(crc32(bytes))}\n`)]);
}

function withoutChecksum(bytes: Buffer): CheckedText {
  const lineStart = bytes.lastIndexOf('\n', -2) + 1;
  if (bytes.byteLength - lineStart > checksumLineBytesMax) return 'damaged';
  const digits = checksumLinePattern.exec(bytes.toString('latin1', lineStart))?.[1];
  const text = bytes.subarray(0, lineStart);
  return digits === toHex(crc32(text)) ? { text: text.toString('utf8') } : 'damaged';
}

function toHex(checksum: number): string {
  return checksum.toString(16).padStart(8, '0');
}
