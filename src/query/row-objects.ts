/** Turns the selected rows of a batch into plain objects. */
import type { SelectedBatch } from './archive-reader.ts';
import { cellReader } from './cell-reader.ts';
import { parseJsonColumn } from './json-value.ts';

/** Each object has all columns, or only the named ones, in the order of the schema. */
export function* rowObjects(
  { batch, mask }: SelectedBatch,
  names?: ReadonlySet<string>,
): Generator<Record<string, unknown>, undefined, undefined> {
  const columns = batch.layout.columns.filter(({ path }) => names?.has(path) ?? true);
  const readers = columns.map((column) => {
    return [column.path, cellReader(batch, column, parseJsonColumn)] as const;
  });
  for (let row = 0; row < batch.rows; row++) {
    if (mask?.[row] === 0) continue;
    const object: Record<string, unknown> = {};
    for (const [name, read] of readers) object[name] = read(row);
    yield object;
  }
}
