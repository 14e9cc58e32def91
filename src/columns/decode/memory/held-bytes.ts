/** Whether the columns may grow: asked before every growth, answered from what all of them hold. */

/** Whoever knows what the columns of a signal would take when written out. */
export abstract class Holder {
  abstract heldBytes(): u64;
}

let holder: Holder | null = null;
let heldBytesMax: u64 = 0;

/** From here on growth is measured against `limit`. */
export function limitHeldBytes(by: Holder, limit: u32): void {
  holder = by;
  heldBytesMax = limit;
}

/** Growth is rare (sizes double), so an exact sum over all columns each time costs nothing. */
export function mayHold(moreBytes: u64): bool {
  const held = holder;
  return held === null || held.heldBytes() + moreBytes <= heldBytesMax;
}
