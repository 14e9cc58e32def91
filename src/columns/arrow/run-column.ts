/**
 * A column whose values repeat from row to row, as a decoder holds it in its memory.
 *
 *     column  ┌──────────────┬──────────────┬────────────────┐    three u32
 *             │ runs address │ runs bytes   │ values address │
 *             └──────────────┴──────────────┴────────────────┘
 *     run     ┌──────────────┬──────────────┬────────────────┐    three u32; value bytes
 *             │ rows         │ value offset │ value bytes    │    0xffffffff: the rows are NULL
 *             └──────────────┴──────────────┴────────────────┘
 */

const runWords = 3;
const nullValue = 0xffffffff;

/** Returns the distinct values of a text column, in order of first appearance. */
export function distinctTexts(memory: ArrayBufferLike, column: number): string[] {
  const [runsAddress, runsBytes, valuesAddress] = new Uint32Array(memory, column, 3);
  const runs = new Uint32Array(memory, runsAddress, runsBytes! / 4);
  const texts = new Set<string>();
  for (let run = 0; run < runs.length; run += runWords) {
    const valueBytes = runs[run + 2]!;
    if (valueBytes === nullValue) continue;
    // A Buffer reads text out of shared memory, which TextDecoder refuses.
    texts.add(Buffer.from(memory, valuesAddress! + runs[run + 1]!, valueBytes).toString('utf8'));
  }
  return [...texts];
}
