/** Writes all bytes of the views and repeats the write call if the disk takes fewer at first. */
import { invariant } from '../shared/invariant.ts';
import type { OpenFile, Storage } from './storage.ts';

/**
 * Writes the views one after the other, starting at the position. Returns the position after the
 * last byte. If it throws, any part of the bytes may already be in the file.
 */
export function writeAll(
  storage: Storage,
  file: OpenFile,
  views: readonly Uint8Array[],
  position: number,
): number {
  let rest = dropBytes(views, 0);
  let end = position;
  while (rest.length > 0) {
    const bytes = storage.write(file, rest, end);
    // Without this check, a disk that writes nothing and reports no error would loop for ever.
    if (bytes === 0) throw new Error('the disk wrote no byte and reported no error');
    end += bytes;
    rest = dropBytes(rest, bytes);
  }
  return end;
}

/** The views without their first `bytes` bytes, and without empty views at the front. */
function dropBytes(views: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let left = bytes;
  for (const [index, view] of views.entries()) {
    if (view.byteLength > left) return [view.subarray(left), ...views.slice(index + 1)];
    left -= view.byteLength;
  }
  invariant(left === 0, 'no more bytes are written than were given');
  return [];
}
