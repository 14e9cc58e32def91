/**
 * Decides whether columns may grow. It is asked before every growth and compares the sum over all
 * columns with the limit.
 */

/** Knows how many bytes the columns of a signal would take as Arrow buffers. */
export abstract class Holder {
  abstract heldBytes(): u64;
}

let holder: Holder | null = null;
let heldBytesMax: u64 = 0;

/** Sets the holder and the limit, in bytes, for the following calls of `mayHold`. */
export function limitHeldBytes(by: Holder, limit: u32): void {
  holder = by;
  heldBytesMax = limit;
}

/**
 * True if the columns may grow by `moreBytes`. Growth is rare because sizes double, so an exact sum
 * over all columns each time costs nothing.
 */
export function mayHold(moreBytes: u64): bool {
  const held = holder;
  return held === null || held.heldBytes() + moreBytes <= heldBytesMax;
}
