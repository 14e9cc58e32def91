/** Describes a segment while it is written and after it is sealed. */
import type { RotationReason } from './rotation.ts';

export interface Segment {
  /** Below the output directory, with forward slashes. */
  readonly path: string;
  readonly number: number;
  readonly rows: number;
  readonly bytes: number;
  /** Receive time of the first row, in Unix ns. */
  readonly firstReceivedTime: bigint;
  /** The last log position that its batches complete. */
  readonly lastPosition: bigint;
}

/** The reason `moved` means that somebody moved the file, so it is no longer at its path. */
export interface SealedSegment extends Segment {
  readonly reason: SealReason | 'moved';
}

/** Why a segment is sealed: a limit was reached, a command asked for it, or a schedule did. */
export type SealReason = RotationReason | 'asked' | 'schedule';
