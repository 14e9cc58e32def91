/** The port through which the disk is reached, and the only importer of node:fs. */
import * as fs from 'node:fs';

/** An open file, until it is closed. */
export type OpenFile = number;

/**
 * read: an existing file. update: an existing file, to be read and written. create: a new file, to
 * be read and written; fails with EEXIST where anything has that name, so nothing is ever
 * overwritten.
 */
export type OpenMode = 'read' | 'update' | 'create';

export type EntryKind = 'file' | 'folder' | 'other';

export interface FolderEntry {
  readonly name: string;
  /** A symbolic link is `other`, whatever it leads to. */
  readonly kind: EntryKind;
}

export interface FileFacts {
  readonly kind: EntryKind;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** Names that lead to the file; 0 for an open file that was deleted. */
  readonly links: number;
  /** These two together tell files apart as long as they exist. */
  readonly device: number;
  readonly inode: number;
}

/** Whether both are of one file, whatever it is called. */
export function isSameFile(a: FileFacts, b: FileFacts): boolean {
  return a.device === b.device && a.inode === b.inode;
}

/**
 * Every call is synchronous and throws node's error, with its `code`, when it fails. What a call
 * did is at once seen by every process and survives the death of this one. What survives power loss
 * is said where it does; nothing else does.
 */
export interface Storage {
  open(path: string, mode: OpenMode): OpenFile;
  /** Also after a failed sync; the file cannot be used any more even when this throws. */
  close(file: OpenFile): void;
  /**
   * Writes the views one behind the other from the position on, in one system call, and returns how
   * many bytes it wrote: fewer than given when it was cut short, which is no error (see writeAll).
   * After an error any part of the bytes may have been written. The views may lie over shared
   * memory.
   */
  write(file: OpenFile, views: readonly Uint8Array[], position: number): number;
  /** Fills the view from the position on and returns how many bytes came; 0 at the file's end. */
  read(file: OpenFile, view: Uint8Array, position: number): number;
  /** Cuts the file, or fills it with zeros, to this many bytes. */
  truncate(file: OpenFile, bytes: number): void;
  /**
   * Returns when the file's bytes and its length survive power loss; its name does so by
   * syncFolder. Once it has thrown, nothing written since the last success may be trusted to be
   * durable, ever.
   */
  syncData(file: OpenFile): void;
  /** Returns when the names in the folder (made, renamed, removed) survive power loss. */
  syncFolder(path: string): void;
  /**
   * Puts the file in the place of any other of the new name; a reader finds either the old or the
   * new.
   */
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Removes an empty folder; fails where it is none, or has anything in it. */
  removeFolder(path: string): void;
  /** Makes the folder and those above it that are missing; none missing is no error. */
  makeFolder(path: string): void;
  /** In no order; without links being followed. */
  list(path: string): FolderEntry[];
  /** What the path itself leads to, links not followed; undefined where nothing is. */
  stat(path: string): FileFacts | undefined;
  statOpen(file: OpenFile): FileFacts;
  /** Bytes that this user may still write to the file system that holds the path. */
  freeBytes(path: string): number;
}

const openFlags: Readonly<Record<OpenMode, string>> = { read: 'r', update: 'r+', create: 'wx+' };

/** The machine's disk. */
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
  makeFolder: (path) => {
    fs.mkdirSync(path, { recursive: true });
  },
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
 * Tells of each name in a folder that came, went or became another file's (isRenamed), or whose
 * file changed; null, or the folder's own name, means the folder itself. What the system cannot
 * watch, or no longer, goes to onFault. Returns what ends it. It keeps no process alive.
 */
export type WatchFolder = (
  path: string,
  onName: (name: string | null, isRenamed: boolean) => void,
  onFault: (error: Error) => void,
) => () => void;

/** The machine's disk tells what happens in it. */
export const watchFolder: WatchFolder = (path, onName, onFault) => {
  try {
    const watcher = fs.watch(path, { persistent: false });
    watcher.on('change', (event, name) => {
      onName(typeof name === 'string' ? name : null, event === 'rename');
    });
    watcher.on('error', onFault);
    return () => watcher.close();
  } catch (error) {
    onFault(error as Error);
    return () => {};
  }
};

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
