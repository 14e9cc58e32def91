/** Finds batches whose rows stand in another batch too. */
import type { SoundBatch } from './sound-batch.ts';

/** Of one signal, in the order of the segments' numbers and of their place there. */
export type BatchOrder = readonly SoundBatch[];

/**
 * A batch that begins with the same request as another one holds no request that is not in the
 * longer of the two; of equal ones the first stays. So it is when a sync or a cut failed: the batch
 * was taken for lost, and written once more, with what had come meanwhile. Ranges that overlap in
 * any other way say nothing, as a batch that was replayed may have filled the gaps between others.
 */
export function superfluousBatches(batches: BatchOrder): ReadonlySet<SoundBatch> {
  const longest = new Map<number, SoundBatch>();
  for (const batch of batches) {
    const known = longest.get(batch.from);
    if (known === undefined || batch.to > known.to) longest.set(batch.from, batch);
  }
  return new Set(batches.filter((batch) => longest.get(batch.from) !== batch));
}
