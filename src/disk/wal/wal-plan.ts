/**
 * Decides where the next group of a log goes; does nothing itself.
 *
 *     free ──header and group──> current ──no room, or a fault──> left ──released──> free
 *       └───────a fault in the first write─────────────────────────┘   (own: removed)
 *
 * 1. At most one file is current.
 * 2. A file with a position that is still needed is neither free nor removed.
 * 3. Of the free files the one unused the longest is taken, so that the log reaches far back.
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
  /** Its length, which never changes. */
  readonly bytes: number;
  /** fixed: of the preallocated set. own: as long as its one group, or of an earlier set. */
  readonly kind: 'fixed' | 'own';
  phase: WalPhase;
  /** Of its last use; 0 before the first. */
  epoch: number;
  /** Where the next group goes while it is current. */
  endBytes: number;
  /** The last that must be kept until it is released; 0 where there is none. */
  lastPosition: number;
}

/** append: behind the last group. reuse: with a new epoch. create: a file for this group alone. */
export type WalPlace<File extends WalFileState> =
  | { readonly action: 'append'; readonly file: File }
  | { readonly action: 'reuse'; readonly file: File }
  | { readonly action: 'create'; readonly bytes: number }
  | 'full';

export interface WalLimits {
  /** Of each file of the set. */
  readonly fileBytes: number;
  /** Of all own files together that are left; beyond it none is added, except a first one. */
  readonly ownBytesMax: number;
}

/** A group that goes on has the position behind the last one's; within a use none is left out. */
export interface GroupFacts {
  readonly bytes: number;
  readonly goesOn: boolean;
}

/**
 * The place for a group. full: every file in which it could go is still needed. A larger group
 * never gets a place with a lower epoch, and a place is as good as before until something happens
 * to the files; so what `begin` answered holds for the group that is then appended.
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
  // The current one does not count: it cannot be released, so to wait for it would be to wait for
  // ever.
  const ownBytes = sumBytes(files.filter(({ kind, phase }) => kind === 'own' && phase === 'left'));
  const isFull = ownBytes > 0 && ownBytes + wholeBytes > ownBytesMax;
  return isFull ? 'full' : { action: 'create', bytes: wholeBytes };
}

/** Whether a current file takes a group of so many bytes. */
export function hasRoom({ endBytes, bytes }: WalFileState, groupBytes: number): boolean {
  return endBytes + groupBytes <= bytes;
}

/** The files that are left and in which nothing at or above a position is. */
export function planRelease<File extends WalFileState>(
  files: readonly File[],
  neededFrom: number,
): File[] {
  return files.filter(({ phase, lastPosition }) => phase === 'left' && lastPosition < neededFrom);
}

/** Moves a file to another phase. */
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
