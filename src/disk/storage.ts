/** The port to the disk, and the only module that imports node:fs. */
import * as fs from 'node:fs';
import { dirname, resolve } from 'node:path';

/** The descriptor of an open file. It is valid until the file is closed. */
export type OpenFile = number;

/**
 * read: an existing file. update: an existing file, for reading and writing. create: a new file,
 * for reading and writing; fails with EEXIST if the name is taken, so that nothing is overwritten.
 */
export type OpenMode = 'read' | 'update' | 'create';

export type EntryKind = 'file' | 'folder' | 'other';

export interface FolderEntry {
  readonly name: string;
  /** A symbolic link is `other`, whatever it points to. */
  readonly kind: EntryKind;
}

export interface FileFacts {
  readonly kind: EntryKind;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** Number of names that lead to the file; 0 for an open file that was deleted. */
  readonly links: number;
  /** Device and inode together identify a file as long as it exists. */
  readonly device: number;
  readonly inode: number;
}

/** True if both describe the same file, whatever its names are. */
export function isSameFile(a: FileFacts, b: FileFacts): boolean {
  return a.device === b.device && a.inode === b.inode;
}

/**
 * Every call is synchronous. A call that fails throws Node's error with its `code`. The effect of a
 * call is visible to all processes at once and survives the death of this process. It survives a
 * power loss only where the comment of a method says so.
 */
export interface Storage {
  open(path: string, mode: OpenMode): OpenFile;
  /** Call this also after a failed sync. Even if it throws, the file cannot be used any more. */
  close(file: OpenFile): void;
  /**
   * Writes the views one after the other, starting at the position, in one system call. Returns the
   * number of bytes written; fewer than given is no error (see writeAll). After an error any part
   * of the bytes may have been written. The views may lie in shared memory, and the caller keeps
   * them.
   */
  write(file: OpenFile, views: readonly Uint8Array[], position: number): number;
  /** Fills the view from the position on. Returns the number of bytes read; 0 at the file's end. */
  read(file: OpenFile, view: Uint8Array, position: number): number;
  /** Sets the file's length: cuts the file, or extends it with zeros. */
  truncate(file: OpenFile, bytes: number): void;
  /**
   * Makes the file's bytes and its length durable; its name becomes durable by syncFolder. If this
   * throws, nothing written since the last success can ever be trusted to be durable.
   */
  syncData(file: OpenFile): void;
  /** Makes the names in the folder durable: those added, renamed and removed. */
  syncFolder(path: string): void;
  /**
   * Renames a file and replaces any file of the new name. A reader finds the old or the new one.
   */
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Removes an empty folder. Fails if it is not a folder, or not empty. */
  removeFolder(path: string): void;
  /** Makes the folder and the missing folders above it. It is no error if the folder exists. */
  makeFolder(path: string): void;
  /** The entries in any order. Links are not followed. */
  list(path: string): FolderEntry[];
  /** Facts about the path itself, without following a link; undefined if nothing is there. */
  stat(path: string): FileFacts | undefined;
  statOpen(file: OpenFile): FileFacts;
  /** Bytes that this user may still write to the file system of the path. */
  freeBytes(path: string): number;
}

const openFlags: Readonly<Record<OpenMode, string>> = { read: 'r', update: 'r+', create: 'wx+' };

/** The disk of this machine. */
export const nodeStorage: Storage = {
  open: (path, mode) => fs.openSync(path, openFlags[mode]),
  close: (file) => fs.closeSync(file),
  write: (file, views, position) => fs.writevSync(file, views, position),
  read: (file, view, position) => fs.readSync(file, view, 0, view.byteLength, position),
  truncate: (file, bytes) => fs.ftruncateSync(file, bytes),
  syncData: (file) => fs.fdatasyncSync(file),
  syncFolder,
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.unlinkSync(path),
  removeFolder: (path) => fs.rmdirSync(path),
  makeFolder,
  list: (path) =>
    fs.readdirSync(path, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      kind: kindOf(entry),
    })),
  stat: (path) => {
    const stats = fs.lstatSync(path, { throwIfNoEntry: false });
    return stats === undefined ? undefined : factsOf(stats);
  },
  statOpen: (file) => factsOf(fs.fstatSync(file)),
  freeBytes: (path) => {
    const { bavail, bsize } = fs.statfsSync(path);
    return bavail * bsize;
  },
};

/**
 * Sets the modification time of a file that consists of exactly these bytes. Resolves with false,
 * and changes nothing, if the file is missing or has other content. It runs in the background, so
 * that a disk that hangs does not block the calling thread. Rejects with the error of the disk.
 */
export type TouchFile = (path: string, content: Uint8Array, unixMs: number) => Promise<boolean>;

/**
 * Touches a file of this machine's disk. Closing it makes network file systems flush the change.
 */
export const touchFile: TouchFile = async (path, content, unixMs) => {
  const file = await fs.promises.open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return false;
  try {
    const found = Buffer.alloc(content.byteLength + 1);
    const { bytesRead } = await file.read(found, 0, found.byteLength, 0);
    if (!found.subarray(0, bytesRead).equals(content)) return false;
    await file.utimes(unixMs / 1000, unixMs / 1000);
    return true;
  } finally {
    await file.close();
  }
};

/**
 * Makes one folder after the other. Node's `recursive` loops forever if a folder cannot be made
 * below one that exists, as in /proc, or below a mount point that was deleted.
 */
function makeFolder(path: string): void {
  const missing: string[] = [];
  let folder = resolve(path);
  while (makeOne(folder) !== undefined) {
    missing.push(folder);
    folder = dirname(folder);
  }
  for (const next of missing.reverse()) {
    const fault = makeOne(next);
    if (fault !== undefined) throw fault;
  }
}

/** Returns ENOENT if the folder above is missing, or refuses to have this folder. */
function makeOne(folder: string): NodeJS.ErrnoException | undefined {
  try {
    fs.mkdirSync(folder);
    return undefined;
  } catch (error) {
    if (fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return undefined;
    const fault = error as NodeJS.ErrnoException;
    if (fault.code !== 'ENOENT' || dirname(folder) === folder) throw error;
    return fault;
  }
}

function syncFolder(path: string): void {
  const folder = fs.openSync(path, 'r');
  try {
    fs.fsyncSync(folder);
  } finally {
    fs.closeSync(folder);
  }
}

function kindOf(entry: fs.Dirent | fs.Stats): EntryKind {
  if (entry.isFile()) return 'file';
  return entry.isDirectory() ? 'folder' : 'other';
}

function factsOf(stats: fs.Stats): FileFacts {
  return {
    kind: kindOf(stats),
    bytes: stats.size,
    modifiedMs: stats.mtimeMs,
    links: stats.nlink,
    device: stats.dev,
    inode: stats.ino,
  };
}
