/** Decides when a segment is sealed. This module changes nothing. */
import { unixMsOf, utcDate } from '../layout.ts';

export interface RotationState {
  /** Size of the active segment on disk. */
  readonly bytes: number;
  /** Receive time of its first row, in Unix ns. */
  readonly firstReceivedTime: bigint;
}

export interface RotationNow {
  readonly unixMs: number;
  /** Receive time of the rows about to be appended, in Unix ns; absent if there are none. */
  readonly nextReceivedTime?: bigint;
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
 * reached, so a segment exceeds its limit by less than one batch. age: the time since the first
 * row; a clock that is set back makes a segment younger, never older.
 */
export function planRotation(
  state: RotationState,
  now: RotationNow,
  limits: RotationLimits,
): RotationPlan {
  const { segmentBytesMax, segmentAgeMaxMs } = limits;
  if (changesDate(state, now)) return { action: 'seal', reason: 'date' };
  if (segmentBytesMax > 0 && state.bytes >= segmentBytesMax) {
    return { action: 'seal', reason: 'bytes' };
  }
  const ageMs = now.unixMs - unixMsOf(state.firstReceivedTime);
  if (segmentAgeMaxMs > 0 && ageMs >= segmentAgeMaxMs) return { action: 'seal', reason: 'age' };
  return { action: 'keep' };
}

function changesDate(state: RotationState, now: RotationNow): boolean {
  const next = now.nextReceivedTime;
  return next !== undefined && utcDate(next) !== utcDate(state.firstReceivedTime);
}
