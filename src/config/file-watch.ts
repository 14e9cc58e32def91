/** Tells that a file has changed, however it was replaced. */
import { basename, dirname, resolve } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';

export interface FileWatchEvents {
  readonly onChange: () => void;
  /** The file system does not tell any more. */
  readonly onFault: (reason: string) => void;
}

export interface FileWatch {
  close(): Promise<void>;
}

/** An editor writes, renames and removes in turn; a file is looked at once that has calmed. */
export const calmMs = 200;

/** Kubernetes changes a mounted file by renaming this link beside it. */
const mountLink = '..data';

/**
 * Watches the folder, as the file itself is another one after a rename; it need not be there yet.
 * Links are watched as such and followed, too. Resolves once nothing is missed.
 */
export async function watchFile(path: string, events: FileWatchEvents): Promise<FileWatch> {
  const watchers = await Promise.all([
    openWatcher(path, false, events.onFault),
    openWatcher(path, true, events.onFault),
  ]);
  let timer: NodeJS.Timeout | undefined;
  for (const watcher of watchers) {
    watcher.on('all', () => {
      clearTimeout(timer);
      timer = setTimeout(events.onChange, calmMs);
    });
  }
  return {
    close: async () => {
      await Promise.all(watchers.map((watcher) => watcher.close()));
      clearTimeout(timer);
    },
  };
}

async function openWatcher(
  path: string,
  followSymlinks: boolean,
  onFault: FileWatchEvents['onFault'],
): Promise<FSWatcher> {
  const folder = dirname(resolve(path));
  const names = [basename(path), mountLink];
  const watcher = watch(folder, {
    depth: 0,
    ignoreInitial: true,
    followSymlinks,
    ignored: (other) => resolve(other) !== folder && !names.includes(basename(other)),
  });
  watcher.on('error', (error) => onFault(String(error)));
  await new Promise<void>((done) => watcher.once('ready', done).once('error', () => done()));
  return watcher;
}
