/** Decides when a segment is sealed; does nothing itself. */
import { unixMsOf, utcDate } from '../layout.ts';

export interface RotationState {
  /** Of the active segment on disk. */
  readonly bytes: number;
  /** Of its first row, Unix ns. */
  readonly firstReceivedTime: bigint;
}

export interface RotationNow {
  readonly unixMs: number;
  /** Of the rows about to be appended, Unix ns; absent when none are. */
  readonly nextReceivedTime?: bigint;
}

export interface RotationLimits {
  /** 0 means unlimited. */
  readonly segmentBytesMax: number;
  /** From the first row on; 0 means unlimited. */
  readonly segmentAgeMaxMs: number;
}

export type RotationReason = 'date' | 'bytes' | 'age';

export type RotationPlan =
  | { readonly action: 'keep' }
  | { readonly action: 'seal'; readonly reason: RotationReason };

/**
 * date: the rows to come were received on another UTC date and belong into another folder. A date
 * that merely passes seals nothing, as rows of the old date may still be on their way. bytes: the
 * size was reached, so a segment is larger than its limit by less than one batch. age: of the first
 * row; a clock set back makes it younger, never older.
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
