/** What is known of a segment while it is written, and when it is sealed. */
import type { RotationReason } from './rotation.ts';

export interface Segment {
  /** Below the output directory, with slashes. */
  readonly path: string;
  readonly number: number;
  readonly rows: number;
  readonly bytes: number;
  /** Of the first row, Unix ns. */
  readonly firstReceivedTime: bigint;
  /** The last position that its batches complete. */
  readonly lastPosition: bigint;
}

/** moved: somebody did so, and it is no longer at its path. */
export interface SealedSegment extends Segment {
  readonly reason: SealReason | 'moved';
}

/** Why a segment is sealed: it was due, somebody asked, or a schedule did. */
export type SealReason = RotationReason | 'asked' | 'schedule';
