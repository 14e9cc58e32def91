/** The small files of `.archer` that a lane looks after: what somebody takes away comes back. */
import { isLockMissing } from '../disk/lock/lock-file.ts';
import { isIdentityMissing, writeIdentity } from '../disk/segment/recorder-id.ts';
import type { Storage } from '../disk/storage.ts';
import type { LaneSegments } from './lane-segments.ts';

export interface PrivateFilesOptions {
  readonly storage: Storage;
  readonly outputDir: string;
  readonly recorderId: string;
  readonly segments: Pick<LaneSegments, 'restoreCheckpoint'>;
  /** The lock is not the lane's: whoever holds it writes it again. */
  readonly onLockMissing: () => void;
}

/** Writes the id and the checkpoint again where they are gone; returns the names of those. */
export function restorePrivateFiles(options: PrivateFilesOptions): string[] {
  const { storage, outputDir, recorderId, segments, onLockMissing } = options;
  const restored: string[] = [];
  if (isIdentityMissing(storage, outputDir)) {
    writeIdentity(storage, outputDir, recorderId);
    restored.push('id');
  }
  if (segments.restoreCheckpoint()) restored.push('checkpoint');
  if (isLockMissing(storage, outputDir)) onLockMissing();
  return restored;
}
