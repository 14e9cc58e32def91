/** Reads a small text file, or reports why it cannot be read. */
import { readHead } from '../disk/file-range.ts';
import type { Storage } from '../disk/storage.ts';
import type { TextOrFault } from './references.ts';
import { byteCountText } from './units.ts';

/** Returns undefined if the file does not exist. */
export function readTextFile(
  storage: Storage,
  path: string,
  bytesMax: number,
): TextOrFault | undefined {
  try {
    const bytes = readHead(storage, path, bytesMax + 1);
    if (bytes === undefined) return undefined;
    if (bytes.byteLength > bytesMax) return fault(`is larger than ${byteCountText(bytesMax)}`);
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    if (error instanceof TypeError) return fault('is not UTF-8 text');
    return fault(`cannot be read: ${(error as Error).message}`);
  }
}

function fault(sentence: string): TextOrFault {
  return { ok: false, fault: sentence };
}
