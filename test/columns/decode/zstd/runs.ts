/** Run columns for tests: their layout in a module's memory, and their contents. */
import type { FrameModule } from './frame-module.ts';

/** The value; null if the rows are NULL. */
export type Run = readonly [rows: number, value: Uint8Array | null];

/** Returns the address of the column (src/columns/arrow/run-column.ts). */
export function putRuns(
  module: Pick<FrameModule, 'put' | 'putWords'>,
  runs: readonly Run[],
): number {
  const values = Buffer.concat(runs.map(([, value]) => value ?? new Uint8Array(0)));
  let offset = 0;
  const words = runs.flatMap(([rows, value]) => {
    const start = offset;
    offset += value?.byteLength ?? 0;
    return [rows, start, value?.byteLength ?? 0xffffffff];
  });
  return module.putWords([module.putWords(words), words.length * 4, module.put(values)]);
}

export function runsContent(runs: readonly Run[]): Uint8Array {
  const bytes = runs.reduce((sum, [rows, value]) => sum + rows * (value?.byteLength ?? 0), 0);
  const content = Buffer.alloc(bytes);
  let offset = 0;
  for (const [rows, value] of runs) {
    const end = offset + rows * (value?.byteLength ?? 0);
    if (value !== null && end > offset) content.fill(value, offset, end);
    offset = end;
  }
  return content;
}
