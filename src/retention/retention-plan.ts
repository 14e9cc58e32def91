/** Decides which sealed segments to delete, without deleting them. */

import type { SegmentSummary } from '../disk/catalogue/segment-summary.ts';
import { unixMsOf } from '../disk/layout.ts';
import type { Checkpoint } from '../disk/segment/checkpoint.ts';
import type { Signal } from '../shared/signal.ts';

export interface RetentionLimits {
  /** Maximum age by signal; 0 means that segments are kept for ever. */
  readonly ageMaxMs: Readonly<Record<Signal, number>>;
  /** Maximum size of all sealed segments together; 0 means unlimited. */
  readonly bytesMax: number;
  /** Free space to keep in the file system; 0 means that the file system may become full. */
  readonly freeBytesMin: number;
}

/** A sealed segment of this recorder. */
export interface RetentionSegment {
  readonly path: string;
  readonly signal: Signal;
  readonly number: number;
  readonly bytes: number;
  /** Time at which the newest row was received, Unix ns. */
  readonly lastReceivedTime: bigint;
  /** True if a durable checkpoint is past the segment, so that recovery does not need it. */
  readonly isSettled: boolean;
}

export interface RetentionNow {
  readonly unixMs: number;
  readonly monotonicMs: number;
  /** When this run sealed a segment, by the monotonic clock; by the segment's number. */
  readonly sealedMs: ReadonlyMap<number, number>;
  /** Free space of the file system. */
  readonly freeBytes: number;
}

export type RetentionReason = 'age' | 'bytes' | 'free_space';

export interface Deletion {
  readonly path: string;
  readonly signal: Signal;
  readonly bytes: number;
  readonly reason: RetentionReason;
}

export interface RetentionPlan {
  /** In the order in which the segments are to be deleted. */
  readonly deletions: readonly Deletion[];
  /** Bytes of free space that are still missing after all deletions; 0 if enough space is free. */
  readonly missingFreeBytes: number;
}

/** A full disk must not delete a segment that a user may be looking at right now. */
export const freeSpaceAgeMinMs = 3_600_000;

/**
 * age: deletes every segment whose newest row has reached the maximum age. The age counts from the
 * time at which the row was received. So touching or copying a file does not change its age, and a
 * clock that is set back only makes it younger. bytes: deletes the oldest segments until the rest
 * is within the limit. free_space: deletes the oldest segments that are at least an hour old, until
 * enough bytes are free. Only settled segments are deleted, but all segments count toward the size.
 */
export function planRetention(
  segments: readonly RetentionSegment[],
  now: RetentionNow,
  limits: RetentionLimits,
): RetentionPlan {
  const plan = new Plan(segments, now);
  plan.take('age', (_, ageMs, signal) => isOver(ageMs, limits.ageMaxMs[signal]));
  plan.take('bytes', ({ keptBytes }) => limits.bytesMax > 0 && keptBytes > limits.bytesMax);
  plan.take('free_space', ({ freeBytes }, ageMs) => {
    return ageMs >= freeSpaceAgeMinMs && freeBytes < limits.freeBytesMin;
  });
  const missingFreeBytes = Math.max(0, limits.freeBytesMin - plan.state.freeBytes);
  return { deletions: plan.deletions, missingFreeBytes };
}

/**
 * Returns the segments that retention manages: those that contain only rows of this recorder and
 * state when their rows were received. Other segments were put there by someone else, who is
 * responsible for removing them.
 */
export function ownSegments(
  segments: readonly SegmentSummary[],
  recorderId: string,
  checkpoint: Checkpoint | 'absent' | 'damaged',
): RetentionSegment[] {
  return segments.flatMap(({ path, signal, number, state, bytes, lastReceivedTime, ranges }) => {
    if (ranges === null || ranges.length === 0 || lastReceivedTime === null) return [];
    if (state !== 'sealed' || ranges.some(({ recorder }) => recorder !== recorderId)) return [];
    const isSettled = ranges.every(({ lane, to }) => {
      return to <= archivedThrough(checkpoint, recorderId, lane, signal);
    });
    return [{ path, signal, number, bytes, lastReceivedTime, isSettled }];
  });
}

function archivedThrough(
  checkpoint: Checkpoint | 'absent' | 'damaged',
  recorderId: string,
  lane: number,
  signal: Signal,
): bigint {
  if (typeof checkpoint === 'string' || checkpoint.recorder !== recorderId) return 0n;
  return checkpoint.lanes.find((entry) => entry.lane === lane)?.archived[signal] ?? 0n;
}

function isOver(ageMs: number, ageMaxMs: number): boolean {
  return ageMaxMs > 0 && ageMs >= ageMaxMs;
}

/** The state after all deletions planned so far. */
interface PlanState {
  readonly keptBytes: number;
  readonly freeBytes: number;
}

class Plan {
  readonly deletions: Deletion[] = [];
  readonly #now: RetentionNow;
  /** Settled segments that are not planned for deletion yet, oldest first. */
  #left: readonly RetentionSegment[];
  state: PlanState;

  constructor(segments: readonly RetentionSegment[], now: RetentionNow) {
    const { freeBytes } = now;
    this.#now = now;
    this.#left = segments.filter(({ isSettled }) => isSettled).sort(byAge);
    this.state = { keptBytes: segments.reduce((sum, { bytes }) => sum + bytes, 0), freeBytes };
  }

  /**
   * Goes through the remaining segments and plans those deletions that are due. Each decision sees
   * the state after the deletions before it.
   */
  take(
    reason: RetentionReason,
    isDue: (state: PlanState, ageMs: number, signal: Signal) => boolean,
  ): void {
    this.#left = this.#left.filter((segment) => {
      const { path, signal, bytes } = segment;
      const ageMs = ageOf(segment, this.#now);
      if (!isDue(this.state, ageMs, signal)) return true;
      this.deletions.push({ path, signal, bytes, reason });
      const { keptBytes, freeBytes } = this.state;
      this.state = { keptBytes: keptBytes - bytes, freeBytes: freeBytes + bytes };
      return false;
    });
  }
}

/**
 * A clock that is set ahead makes all rows look old. Rows are not older than the time since this
 * run sealed their segment, so that none is deleted too early. Earlier runs have left no such time.
 */
function ageOf({ number, lastReceivedTime }: RetentionSegment, now: RetentionNow): number {
  const ageMs = now.unixMs - unixMsOf(lastReceivedTime);
  const sealedMs = now.sealedMs.get(number);
  return sealedMs === undefined ? ageMs : Math.min(ageMs, now.monotonicMs - sealedMs);
}

function byAge(a: RetentionSegment, b: RetentionSegment): number {
  if (a.lastReceivedTime !== b.lastReceivedTime) {
    return a.lastReceivedTime < b.lastReceivedTime ? -1 : 1;
  }
  return a.number - b.number;
}
