/** Writes the small files of `.archer` again if they were deleted or moved while a lane records. */
import { isLockMissing } from '../disk/lock/lock-file.ts';
import { isIdentityMissing, writeIdentity } from '../disk/segment/recorder-id.ts';
import type { Storage } from '../disk/storage.ts';
import type { LaneSegments } from './lane-segments.ts';

export interface PrivateFilesOptions {
  readonly storage: Storage;
  readonly outputDir: string;
  readonly recorderId: string;
  readonly segments: Pick<LaneSegments, 'restoreCheckpoint'>;
  /** Called if the lock file is gone. The main thread holds the lock and writes the file again. */
  readonly onLockMissing: () => void;
}

/** Writes the id and the checkpoint again if they are gone. Returns the names of those files. */
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
