/** Marks a request that says something the columns cannot. */

/** How often the frame being decoded has said something that only `otlp_extra` can keep. */
export let irregularCount: u32 = 0;

export function startRegular(): void {
  irregularCount = 0;
}

/**
 * Called wherever something irregular is met: an unknown field, a repeated singular field, text that
 * is not UTF-8, a time that does not fit, bytes and non-finite doubles in attributes, a KeyValue
 * without a value.
 */
export function irregular(): void {
  irregularCount++;
}
