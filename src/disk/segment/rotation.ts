/** Decides when a segment is sealed. This module changes nothing. */
import { unixMsOf, utcDate } from '../layout.ts';

export interface RotationState {
  /** Size of the active segment on disk. */
  readonly bytes: number;
  /** Time since its file was made, by the monotonic clock. */
  readonly openMs?: number;
  /** Receive time of its first row, in Unix ns. */
  readonly firstReceivedTime: bigint;
}

export interface RotationNow {
  readonly unixMs: number;
  /** Receive time of the rows about to be appended, in Unix ns; absent if there are none. */
  readonly nextReceivedTime?: bigint;
  /** Bytes that these rows would add to the file; absent if there are none. */
  readonly nextBytes?: number;
}

export interface RotationLimits {
  /** 0 means unlimited. */
  readonly segmentBytesMax: number;
  /** Age since the first row; 0 means unlimited. */
  readonly segmentAgeMaxMs: number;
}

export type RotationReason = 'date' | 'bytes' | 'age';

export type RotationPlan =
  | { readonly action: 'keep' }
  | { readonly action: 'seal'; readonly reason: RotationReason };

/**
 * date: the next rows were received on another UTC date and belong in another folder. A new date
 * alone seals nothing, because rows of the old date may still arrive. bytes: the size limit was
 * reached, or the next rows would exceed it; so a segment is larger than its limit only if its
 * first batch alone is. age: the time since the first row. If the clock of the system was set back,
 * the time since the file was made counts.
 */
export function planRotation(
  state: RotationState,
  now: RotationNow,
  limits: RotationLimits,
): RotationPlan {
  const { segmentBytesMax, segmentAgeMaxMs } = limits;
  if (changesDate(state, now)) return { action: 'seal', reason: 'date' };
  if (segmentBytesMax > 0 && isFull(state.bytes, now.nextBytes ?? 0, segmentBytesMax)) {
    return { action: 'seal', reason: 'bytes' };
  }
  const ageMs = Math.max(now.unixMs - unixMsOf(state.firstReceivedTime), state.openMs ?? 0);
  if (segmentAgeMaxMs > 0 && ageMs >= segmentAgeMaxMs) return { action: 'seal', reason: 'age' };
  return { action: 'keep' };
}

function isFull(bytes: number, nextBytes: number, bytesMax: number): boolean {
  return bytes >= bytesMax || (nextBytes > 0 && bytes + nextBytes > bytesMax);
}

function changesDate(state: RotationState, now: RotationNow): boolean {
  const next = now.nextReceivedTime;
  return next !== undefined && utcDate(next) !== utcDate(state.firstReceivedTime);
}
