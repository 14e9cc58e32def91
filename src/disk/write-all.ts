/** Writes views whole, going on where the disk took fewer bytes than it was given. */
import { invariant } from '../shared/invariant.ts';
import type { OpenFile, Storage } from './storage.ts';

/**
 * Writes the views one behind the other from the position on; returns the position behind them.
 * When it throws, any part of them may lie in the file.
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
    // A disk that takes nothing and names no error would keep this loop for ever.
    if (bytes === 0) throw new Error('the disk took no byte and named no error');
    end += bytes;
    rest = dropBytes(rest, bytes);
  }
  return end;
}

/** The views without so many bytes at their front, and without empty ones there. */
function dropBytes(views: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let left = bytes;
  for (const [index, view] of views.entries()) {
    if (view.byteLength > left) return [view.subarray(left), ...views.slice(index + 1)];
    left -= view.byteLength;
  }
  invariant(left === 0, 'no more bytes are written than were given');
  return [];
}
