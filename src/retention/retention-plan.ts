/** Decides which sealed segments go; does nothing itself. */

import type { SegmentSummary } from '../disk/catalogue/segment-summary.ts';
import { unixMsOf } from '../disk/layout.ts';
import type { Checkpoint } from '../disk/segment/checkpoint.ts';
import type { Signal } from '../shared/signal.ts';

export interface RetentionLimits {
  /** By signal; 0 keeps for ever. */
  readonly ageMaxMs: Readonly<Record<Signal, number>>;
  /** Of all sealed segments together; 0 means unlimited. */
  readonly bytesMax: number;
  /** Of the file system; 0 means that it may fill up. */
  readonly freeBytesMin: number;
}

/** A sealed segment of this recorder. */
export interface RetentionSegment {
  readonly path: string;
  readonly signal: Signal;
  readonly number: number;
  readonly bytes: number;
  /** Of its newest row, Unix ns. */
  readonly lastReceivedTime: bigint;
  /** Whether a durable checkpoint is past it, so that recovery can do without it. */
  readonly isSettled: boolean;
}

export interface RetentionNow {
  readonly unixMs: number;
  /** Of the file system. */
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
  /** In the order in which they are to go. */
  readonly deletions: readonly Deletion[];
  /** How many bytes of free space are missing even then; 0 when all is well. */
  readonly missingFreeBytes: number;
}

/** A disk that fills up takes no segment that somebody may just be looking at. */
export const freeSpaceAgeMinMs = 3_600_000;

/**
 * age: every segment whose newest row has the age; by the time at which it was received, so that a
 * file that is touched or copied stays as old as it is, and a clock set back makes it younger only.
 * bytes: the oldest, until what is left is within the limit. free_space: the oldest of at least an
 * hour, until as many bytes are free as there should be. Only settled segments go; all count.
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
 * The segments that retention is about: those that are wholly of this recorder and say when their
 * rows were received. Others were put there by somebody, who will take them away.
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

/** What is left if all deletions so far are carried out. */
interface PlanState {
  readonly keptBytes: number;
  readonly freeBytes: number;
}

class Plan {
  readonly deletions: Deletion[] = [];
  readonly #unixMs: number;
  /** Settled and not yet to go, oldest first. */
  #left: readonly RetentionSegment[];
  state: PlanState;

  constructor(segments: readonly RetentionSegment[], { unixMs, freeBytes }: RetentionNow) {
    this.#unixMs = unixMs;
    this.#left = segments.filter(({ isSettled }) => isSettled).sort(byAge);
    this.state = { keptBytes: segments.reduce((sum, { bytes }) => sum + bytes, 0), freeBytes };
  }

  /** Goes through what is left, and takes what should go in the state that it leads to. */
  take(
    reason: RetentionReason,
    isDue: (state: PlanState, ageMs: number, signal: Signal) => boolean,
  ): void {
    this.#left = this.#left.filter(({ path, signal, bytes, lastReceivedTime }) => {
      const ageMs = this.#unixMs - unixMsOf(lastReceivedTime);
      if (!isDue(this.state, ageMs, signal)) return true;
      this.deletions.push({ path, signal, bytes, reason });
      const { keptBytes, freeBytes } = this.state;
      this.state = { keptBytes: keptBytes - bytes, freeBytes: freeBytes + bytes };
      return false;
    });
  }
}

function byAge(a: RetentionSegment, b: RetentionSegment): number {
  if (a.lastReceivedTime !== b.lastReceivedTime) {
    return a.lastReceivedTime < b.lastReceivedTime ? -1 : 1;
  }
  return a.number - b.number;
}
