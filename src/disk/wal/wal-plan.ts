/**
 * Decides where the next group of a log goes. This module changes no file.
 *
 *     free ──header and group──> current ──no room, or a fault──> left ──released──> free
 *       └───────a fault in the first write─────────────────────────┘   (own: removed)
 *
 * 1. At most one file is current.
 * 2. A file with a position that is still needed is neither free nor removed.
 * 3. The free file that has been unused the longest is taken, so that the log reaches far back.
 */
import { invariant } from '../../shared/invariant.ts';
import { walHeaderBytes } from './wal-format.ts';

export type WalPhase = 'free' | 'current' | 'left';

const movesAllowed: Readonly<Record<WalPhase, readonly WalPhase[]>> = {
  free: ['current', 'left'],
  current: ['left'],
  left: ['free'],
};

export interface WalFileState {
  /** Length of the file, which never changes. */
  readonly bytes: number;
  /** fixed: part of the preallocated set. own: made for one group, or part of an earlier set. */
  readonly kind: 'fixed' | 'own';
  phase: WalPhase;
  /** Epoch of its last use; 0 before the first. */
  epoch: number;
  /** Offset for the next group while the file is current. */
  endBytes: number;
  /** The last position that must be kept until it is released; 0 for none. */
  lastPosition: number;
}

/** append: after the last group. reuse: with a new epoch. create: a file for this group alone. */
export type WalPlace<File extends WalFileState> =
  | { readonly action: 'append'; readonly file: File }
  | { readonly action: 'reuse'; readonly file: File }
  | { readonly action: 'create'; readonly bytes: number }
  | 'full';

export interface WalLimits {
  /** Length of each file of the set. */
  readonly fileBytes: number;
  /** Limit for all own files that are left, together. One own file is always allowed. */
  readonly ownBytesMax: number;
}

/** `goesOn` is true if the first position follows the last one; a use has no gap in positions. */
export interface GroupFacts {
  readonly bytes: number;
  readonly goesOn: boolean;
}

/**
 * Returns the place for a group. full: every file with enough room is still needed. A larger group
 * never gets a place with a lower epoch, and the answer changes only if the files change. So the
 * answer of `begin` is still right when the group is appended.
 */
export function planPlace<File extends WalFileState>(
  files: readonly File[],
  { bytes, goesOn }: GroupFacts,
  { fileBytes, ownBytesMax }: WalLimits,
): WalPlace<File> {
  const current = files.find(({ phase }) => phase === 'current');
  if (goesOn && current !== undefined && hasRoom(current, bytes)) {
    return { action: 'append', file: current };
  }
  const wholeBytes = walHeaderBytes + bytes;
  if (wholeBytes <= fileBytes) {
    const file = oldestFree(files);
    return file === undefined ? 'full' : { action: 'reuse', file };
  }
  // The current file does not count. It cannot be released, so waiting for it would never end.
  const ownBytes = sumBytes(files.filter(({ kind, phase }) => kind === 'own' && phase === 'left'));
  const isFull = ownBytes > 0 && ownBytes + wholeBytes > ownBytesMax;
  return isFull ? 'full' : { action: 'create', bytes: wholeBytes };
}

/** True if the current file has room for a group of this many bytes. */
export function hasRoom({ endBytes, bytes }: WalFileState, groupBytes: number): boolean {
  return endBytes + groupBytes <= bytes;
}

/** The files that are left and hold nothing at or above the position. */
export function planRelease<File extends WalFileState>(
  files: readonly File[],
  neededFrom: number,
): File[] {
  return files.filter(({ phase, lastPosition }) => phase === 'left' && lastPosition < neededFrom);
}

/** Moves a file to another phase. Throws if the table does not allow the move. */
export function moveTo(file: WalFileState, phase: WalPhase): void {
  invariant(movesAllowed[file.phase].includes(phase), 'a log file moves as its table allows');
  invariant(
    file.kind === 'fixed' || phase !== 'free',
    'a file of its own length is not used again',
  );
  file.phase = phase;
}

function oldestFree<File extends WalFileState>(files: readonly File[]): File | undefined {
  let oldest: File | undefined;
  for (const file of files) {
    if (file.phase !== 'free') continue;
    if (oldest === undefined || file.epoch < oldest.epoch) oldest = file;
  }
  return oldest;
}

function sumBytes(files: readonly WalFileState[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
