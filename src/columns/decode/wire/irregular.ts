/** Counts what a frame contains that the columns cannot represent. */

/** How many irregular things the current frame has had so far; only `otlp_extra` can keep them. */
export let irregularCount: u32 = 0;

export function startRegular(): void {
  irregularCount = 0;
}

/**
 * Tracks whether one level of a request contains anything irregular. A level is left when a deeper
 * level begins, and entered again behind it.
 */
@final
export class IrregularLevel {
  isIrregular: bool = false;
  private countBefore: u32 = 0;

  /** Begins a message, or several occurrences that protobuf merges into one message. */
  start(): void {
    this.isIrregular = false;
  }

  enter(): void {
    this.countBefore = irregularCount;
  }

  leave(): void {
    if (irregularCount !== this.countBefore) this.isIrregular = true;
  }
}

/**
 * Notes a field that may occur once. Returns the bit set of the fields that have occurred: `seen`
 * and this field.
 */
export function noteSingular(seen: u32, tag: u32): u32 {
  const field: u32 = 1 << (tag >>> 3);
  if ((seen & field) !== 0) irregular();
  return seen | field;
}

/**
 * Call this for everything irregular: an unknown field, a repeated singular field, text that is not
 * UTF-8, a time that does not fit, bytes and non-finite doubles in attributes, a KeyValue without a
 * value. The message that contains it is then also kept as it was sent (extra.ts).
 */
export function irregular(): void {
  irregularCount++;
}
