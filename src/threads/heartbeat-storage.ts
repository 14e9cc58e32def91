/** A disk that shows in the heartbeat of its thread which call the thread waits for. */
import { relative } from 'node:path';
import type { OpenFile, Storage } from '../disk/storage.ts';
import type { Heartbeat } from '../ring/heartbeat.ts';

/**
 * Returns a disk with the same behaviour. It beats before each call and after it. Calls within the
 * output directory are shown with their path below it.
 */
export function heartbeatStorage(
  storage: Storage,
  heartbeat: Pick<Heartbeat, 'beat'>,
  outputDir: string,
): Storage {
  const paths = new Map<OpenFile, string>();
  const during = <T>(call: string, path: string, run: () => T): T => {
    heartbeat.beat(`${call} ${path}`);
    try {
      return run();
    } finally {
      heartbeat.beat();
    }
  };
  const below = (path: string) => relative(outputDir, path) || '.';
  const of = (file: OpenFile) => paths.get(file) ?? 'a file';
  return {
    open: (path, mode) => {
      const file = during('open', below(path), () => storage.open(path, mode));
      paths.set(file, below(path));
      return file;
    },
    close: (file) => {
      const path = of(file);
      paths.delete(file);
      during('close', path, () => storage.close(file));
    },
    write: (file, ...rest) => during('write', of(file), () => storage.write(file, ...rest)),
    read: (file, ...rest) => during('read', of(file), () => storage.read(file, ...rest)),
    truncate: (file, bytes) => during('truncate', of(file), () => storage.truncate(file, bytes)),
    syncData: (file) => during('fdatasync', of(file), () => storage.syncData(file)),
    syncFolder: (path) => during('fsync', below(path), () => storage.syncFolder(path)),
    rename: (from, to) => during('rename', below(from), () => storage.rename(from, to)),
    remove: (path) => during('unlink', below(path), () => storage.remove(path)),
    removeFolder: (path) => during('rmdir', below(path), () => storage.removeFolder(path)),
    makeFolder: (path) => during('mkdir', below(path), () => storage.makeFolder(path)),
    list: (path) => during('readdir', below(path), () => storage.list(path)),
    stat: (path) => during('stat', below(path), () => storage.stat(path)),
    statOpen: (file) => during('fstat', of(file), () => storage.statOpen(file)),
    freeBytes: (path) => during('statfs', below(path), () => storage.freeBytes(path)),
  };
}
