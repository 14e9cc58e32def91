/** Finds batches that begin with the same request as another batch. */
import type { SoundBatch } from './sound-batch.ts';

/** The batches of one signal, ordered by segment number and by position in the segment. */
export type BatchOrder = readonly SoundBatch[];

export interface SuperfluousBatches {
  /** Batches whose rows are also in another batch, which stays. */
  readonly doubled: ReadonlySet<SoundBatch>;
  /** Batches whose positions are also in another batch, which stays, but with other rows. */
  readonly conflicting: ReadonlySet<SoundBatch>;
}

/**
 * Finds batches that are in the archive twice. If several batches begin with the same position, the
 * longest stays, and among equal ones the first. The others are doubled if their rows are the first
 * rows of the batch that stays. That happens after a failed sync or cut: the batch counted as lost,
 * and was written again together with what had arrived meanwhile. Otherwise two recorders have
 * given the same positions to different requests. Ranges that overlap in another way prove nothing,
 * because a replayed batch may have filled the gaps between others; all of them stay.
 */
export function superfluousBatches(
  batches: BatchOrder,
  beginsWith: (longer: SoundBatch, shorter: SoundBatch) => boolean,
): SuperfluousBatches {
  const longest = new Map<number, SoundBatch>();
  for (const batch of batches) {
    const known = longest.get(batch.from);
    if (known === undefined || batch.to > known.to) longest.set(batch.from, batch);
  }
  const doubled = new Set<SoundBatch>();
  const conflicting = new Set<SoundBatch>();
  for (const batch of batches) {
    const staying = longest.get(batch.from)!;
    if (staying === batch) continue;
    (beginsWith(staying, batch) ? doubled : conflicting).add(batch);
  }
  return { doubled, conflicting };
}
