/** Lists the log positions of the requests in a segment. */

import { checkBodyChecksum } from '../disk/ipc/body-checksum.ts';
import { planBatchLayout } from '../disk/ipc/column-layout.ts';
import { readMessages } from '../disk/ipc/ipc-reader.ts';
import { DamagedColumnError, openStoredBatch, type StoredBatch } from '../disk/ipc/stored-batch.ts';
import { openSegment } from '../disk/segment/segment-reader.ts';
import { laneOfBatchId, positionOfBatchId } from '../shared/batch-id.ts';
import type { Signal } from '../shared/signal.ts';
import type { ArchiveReaderOptions } from './archive-reader.ts';
import { archivedSchema } from './archived-schema.ts';

/**
 * Yields each position of one lane once, in file order. Reads one column of each batch. Batches
 * that cannot be read are left out.
 */
export function* segmentPositions(
  { storage, outputDir, decompress }: ArchiveReaderOptions,
  { signal, path, lane }: { readonly signal: Signal; readonly path: string; readonly lane: number },
): Generator<number, void, undefined> {
  const file = openSegment(storage, outputDir, path);
  if (file === undefined) return;
  const layout = planBatchLayout(archivedSchema(signal).fields);
  try {
    for (const message of readMessages(storage, file)) {
      if (message.kind !== 'recordBatch') continue;
      if (checkBodyChecksum(storage, file, message) === 'wrong') continue;
      const batch = openStoredBatch({ storage, file, message, layout, decompress });
      if (typeof batch !== 'string') yield* batchPositions(batch, lane);
    }
  } finally {
    storage.close(file);
  }
}

function* batchPositions(batch: StoredBatch, lane: number): Generator<number> {
  const column = batchIds(batch);
  if (column === undefined) return;
  const { buffer, byteOffset } = column.data;
  const view = new DataView(buffer, byteOffset);
  let last: bigint | undefined;
  for (let row = 0; row < batch.rows; row++) {
    const batchId = view.getBigInt64(row * 8, true);
    if (batchId === last) continue;
    last = batchId;
    if (laneOfBatchId(batchId) === lane) yield positionOfBatchId(batchId);
  }
}

function batchIds(batch: StoredBatch) {
  try {
    return batch.column('batch_id');
  } catch (error) {
    if (error instanceof DamagedColumnError) return undefined;
    throw error;
  }
}
