/** Brings the batches of several segments into the order of their requests. */
import type { SegmentSummary } from '../disk/catalogue/segment-summary.ts';

/**
 * The segments of each recorder and lane by their first positions; the batches of two that overlap
 * are to be merged. One that does not say what it is of stands alone.
 */
export function groupSegments(segments: readonly SegmentSummary[]): SegmentSummary[][] {
  const groups = new Map<string, SegmentSummary[]>();
  for (const segment of segments) {
    const range = segment.ranges?.length === 1 ? segment.ranges[0] : undefined;
    const name = range === undefined ? segment.path : `${range.recorder} ${range.lane}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [segment]);
    else group.push(segment);
  }
  for (const group of groups.values()) {
    group.sort((a, b) => Number(firstPosition(a) - firstPosition(b)) || a.number - b.number);
  }
  return [...groups.values()];
}

/** 0 where it is not known. */
export function firstPosition({ ranges }: SegmentSummary): bigint {
  return ranges?.[0]?.from ?? 0n;
}
