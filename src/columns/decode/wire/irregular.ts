/** Marks what says something that the columns cannot. */

/** How often the frame being decoded has said something that only `otlp_extra` can keep. */
export let irregularCount: u32 = 0;

export function startRegular(): void {
  irregularCount = 0;
}

/** Whether anything irregular was met at a level of a request, which is left and entered again. */
@final
export class IrregularLevel {
  isIrregular: bool = false;
  private countBefore: u32 = 0;

  /** Begins a message, or several that make one. */
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

/** Notes a field that may come once; gives back which have come: `seen`, and this one. */
export function noteSingular(seen: u32, tag: u32): u32 {
  const field: u32 = 1 << (tag >>> 3);
  if ((seen & field) !== 0) irregular();
  return seen | field;
}

/**
 * Called wherever something irregular is met: an unknown field, a repeated singular field, text
 * that is not UTF-8, a time that does not fit, bytes and non-finite doubles in attributes, a
 * KeyValue without a value. What it was met in is then kept as it came (extra.ts).
 */
export function irregular(): void {
  irregularCount++;
}
