/** Reports that files have changed, in whichever way they were replaced. */
import { basename, dirname, resolve } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';

export interface FileWatchEvents {
  readonly onChange: () => void;
  /** Called if the file system cannot report changes any more. */
  readonly onFault: (reason: string) => void;
}

export interface FileWatch {
  close(): Promise<void>;
}

/** Editors write, rename and remove in quick succession. This pause makes one change of that. */
export const debounceMs = 200;

/** Kubernetes replaces the files of a mounted volume by renaming this link beside them. */
const mountLink = '..data';

export function watchFile(path: string, events: FileWatchEvents): Promise<FileWatch> {
  return watchFiles([path], events);
}

/**
 * Watches the folders, because a rename puts another file in the place of a watched one. The files
 * need not exist. Symbolic links are watched themselves, and so are their targets. Resolves once
 * every later change is reported. Changes of several files at a time are reported once, so that a
 * certificate and its key can be replaced one after the other.
 */
export async function watchFiles(
  paths: readonly string[],
  events: FileWatchEvents,
): Promise<FileWatch> {
  const watchers = await Promise.all(
    paths.flatMap((path) => [
      openWatcher(path, false, events.onFault),
      openWatcher(path, true, events.onFault),
    ]),
  );
  let timer: NodeJS.Timeout | undefined;
  for (const watcher of watchers) {
    watcher.on('all', () => {
      clearTimeout(timer);
      timer = setTimeout(events.onChange, debounceMs);
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
