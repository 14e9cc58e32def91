/** Compares what the senders know with what the archive holds. */
import assert from 'node:assert/strict';
import { type ArchiveRow, readArchive } from '../query/recorded-rows.ts';
import { type Account, itemName } from './load.ts';

/** Each acknowledged item must be in the archive once; any other item that was sent, at most once. */
export function assertExactlyOnce(outputDir: string, { acknowledged, others }: Account): void {
  const counts = new Map<string, number>();
  for (const row of readArchive(outputDir)) {
    const name = itemName(row.signal, idOf(row));
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const missing = [...acknowledged].filter((id) => !counts.has(id));
  const doubled = [...counts].filter(([, count]) => count > 1).map(([id]) => id);
  const unknown = [...counts.keys()].filter((id) => !acknowledged.has(id) && !others.has(id));
  assert.deepEqual(
    { missing: missing.length, doubled: doubled.length, unknown: unknown.length },
    { missing: 0, doubled: 0, unknown: 0 },
  );
}

function idOf({ signal, span_id, attributes }: ArchiveRow): string {
  return signal === 'traces' ? (span_id ?? '') : JSON.parse(attributes).id;
}
