/** True if a path leads to a folder, also by a symbolic link. For paths that a user has given. */
import type { Storage } from './storage.ts';

export function isFolderAt(storage: Storage, path: string): boolean {
  const kind = storage.stat(path)?.kind;
  if (kind !== 'other') return kind === 'folder';
  try {
    return storage.stat(`${path}/.`)?.kind === 'folder';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // The link leads to a file, or the links form a circle.
    if (code === 'ENOTDIR' || code === 'ELOOP') return false;
    throw error;
  }
}
