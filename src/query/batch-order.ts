/** Groups segments so that their batches can be merged in the order of their requests. */
import type { SegmentSummary } from '../disk/catalogue/segment-summary.ts';

/**
 * Groups the segments of each recorder and lane, ordered by first position. The caller must merge
 * the batches of segments that overlap. A segment without a known lane forms a group of its own.
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

/** The first position of the segment; 0 if not known. */
export function firstPosition({ ranges }: SegmentSummary): bigint {
  return ranges?.[0]?.from ?? 0n;
}
