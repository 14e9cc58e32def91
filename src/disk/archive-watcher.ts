/**
 * Notices what others do in the output directory: segments and folders that come, go or change.
 *
 * It watches folders, not files: the system tells of a folder which names in it have come, gone or
 * changed, so thousands of sealed segments cost nothing, and an append next to nothing. (chokidar
 * reads a folder anew at each append and asks for every file in it: beside 1,000 segments ten
 * appends a second take a fifth of a core: `npm run bench -- watch`.) The folder of the log is left
 * out, as it is written all the time; the lane looks after that itself. A watcher may miss things:
 * what must not be missed is looked at as well.
 */
import { basename, join, resolve } from 'node:path';
import type { Signal } from '../shared/signal.ts';
import { isDateFolder, privateFolder } from './layout.ts';
import { nodeStorage, type Storage, type WatchFolder, watchFolder } from './storage.ts';

/**
 * Of a file or a folder below the output directory, with slashes. gone: nothing has the path any
 * more, nor any below it. appeared: something has it that had not, or something else. changed: the
 * file's bytes are others; not told of active ones. The path '' is the output directory itself:
 * that it appeared is said whenever a folder came or went, and means that all is to be looked at
 * again, as files in it may have come before they could be noticed.
 *
 * What the recorder itself does is told as well.
 */
export interface ArchiveEvent {
  readonly kind: 'gone' | 'appeared' | 'changed';
  readonly path: string;
}

export interface ArchiveWatcher {
  /** The segments that are being written, below the output directory. */
  setActive(paths: readonly string[]): void;
  /** No event is told from now on. */
  close(): Promise<void>;
}

/** What happens to a path within this time is told as one event. */
const settleMs = 100;

/** Between two looks for an output directory that is gone. */
const returnMs = 1_000;

/** Replaced by renaming, which is told of the name that stays. */
const temporarySuffix = '.tmp';

/** The machine's. */
const systemPorts = { storage: nodeStorage, watch: watchFolder };

/**
 * Resolves once all folders are watched. The reason why some are not, such as too many watches of
 * the system, goes to onFault.
 */
export async function watchArchive(
  outputDir: string,
  signals: readonly Signal[],
  onEvent: (event: ArchiveEvent) => void,
  onFault: (reason: string) => void = () => {},
  ports: WatcherOptions['ports'] = systemPorts,
): Promise<ArchiveWatcher> {
  const options = { outputDir: resolve(outputDir), signals, onEvent, onFault, ports };
  return new FolderWatcher(options);
}

interface WatcherOptions {
  readonly outputDir: string;
  readonly signals: readonly string[];
  readonly onEvent: (event: ArchiveEvent) => void;
  readonly onFault: (reason: string) => void;
  readonly ports: { readonly storage: Storage; readonly watch: WatchFolder };
}

class FolderWatcher implements ArchiveWatcher {
  readonly #options: WatcherOptions;
  /** Each ends the watch of a folder. */
  readonly #watches: (() => void)[] = [];
  #active: ReadonlySet<string> = new Set();
  /** By path, whether its name came or went; else only its bytes changed. */
  readonly #pending = new Map<string, boolean>();
  #isRootTouched = false;
  #isRootGone = false;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#watchFolders();
  }

  setActive(paths: readonly string[]): void {
    this.#active = new Set(paths);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#unwatch();
  }

  #watchFolders(): void {
    for (const folder of this.#folders()) {
      const onName = (name: string | null, isRenamed: boolean) => {
        this.#hear(folder, name, isRenamed);
      };
      const onFault = (error: Error) => this.#miss(folder, error);
      this.#watches.push(this.#options.ports.watch(this.#at(folder), onName, onFault));
    }
    if (!this.#isRootThere()) this.#settleLater(settleMs);
  }

  #unwatch(): void {
    for (const end of this.#watches.splice(0)) end();
  }

  /** What is there now, and is ours. */
  #folders(): string[] {
    const tops = this.#foldersIn('');
    return ['', ...tops, ...tops.flatMap((top) => this.#foldersIn(top))];
  }

  /** None where it is gone meanwhile; links are none. */
  #foldersIn(folder: string): string[] {
    try {
      return this.#options.ports.storage
        .list(this.#at(folder))
        .filter(({ kind }) => kind === 'folder')
        .map(({ name }) => (folder === '' ? name : `${folder}/${name}`))
        .filter((path) => this.#isOurFolder(path));
    } catch {
      return [];
    }
  }

  /** By its place: a signal's, a date's, the private one or its `wal`. */
  #isOurFolder(path: string): boolean {
    const [first = '', second, ...rest] = path.split('/');
    if (rest.length > 0) return false;
    if (first === privateFolder) return second === undefined || second === 'wal';
    const isSignal = this.#options.signals.includes(first);
    return isSignal && (second === undefined || isDateFolder(second));
  }

  /** What the system says of a name in a watched folder, or of the folder by its own name. */
  #hear(folder: string, name: string | null, isRenamed: boolean): void {
    if (name === null || name === basename(this.#at(folder))) {
      // Of any other folder the one above it tells.
      if (folder === '' && isRenamed) this.#isRootTouched = true;
    } else {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (!this.#isTold(folder, path) || (!isRenamed && this.#active.has(path))) return;
      this.#pending.set(path, isRenamed || this.#pending.get(path) === true);
    }
    if (this.#isRootTouched || this.#pending.size > 0) this.#settleLater(settleMs);
  }

  #isTold(folder: string, path: string): boolean {
    if (path.endsWith(temporarySuffix)) return false;
    return folder.startsWith(privateFolder) || folder.includes('/') || this.#isOurFolder(path);
  }

  /** A folder that is gone is told by the one above it. */
  #miss(folder: string, error: Error): void {
    if (this.#stat(folder) !== undefined) this.#options.onFault(error.message);
  }

  #settleLater(ms: number): void {
    if (this.#isClosed) return;
    this.#timer ??= setTimeout(() => this.#settle(), ms);
  }

  #settle(): void {
    this.#timer = undefined;
    if (!this.#isRootThere()) {
      this.#awaitReturn();
      return;
    }
    const touched = [...this.#pending];
    this.#pending.clear();
    const isFolderTouched = touched.some(([path, isRenamed]) => {
      return isRenamed && this.#isOurFolder(path);
    });
    // A folder that has another's name, or comes back, is watched only by a watch that begins anew.
    const isAnew = isFolderTouched || this.#isRootTouched;
    if (isAnew) this.#watchAnew();
    for (const [path, isRenamed] of touched) this.#tell(path, isRenamed);
    if (isAnew) this.#options.onEvent({ kind: 'appeared', path: '' });
  }

  #watchAnew(): void {
    this.#isRootTouched = false;
    this.#isRootGone = false;
    this.#unwatch();
    this.#watchFolders();
  }

  #tell(path: string, isRenamed: boolean): void {
    const { onEvent } = this.#options;
    const facts = this.#stat(path);
    if (facts === undefined) onEvent({ kind: 'gone', path });
    else if (isRenamed) onEvent({ kind: 'appeared', path });
    else if (facts.kind === 'file') onEvent({ kind: 'changed', path });
  }

  #awaitReturn(): void {
    if (!this.#isRootGone) this.#options.onEvent({ kind: 'gone', path: '' });
    this.#isRootGone = true;
    this.#isRootTouched = true;
    this.#pending.clear();
    this.#settleLater(returnMs);
  }

  /** The folder itself, or the one to which a link leads. */
  #isRootThere(): boolean {
    return this.#stat('.') !== undefined;
  }

  #stat(path: string) {
    return this.#options.ports.storage.stat(`${this.#options.outputDir}/${path}`);
  }

  #at(path: string): string {
    return join(this.#options.outputDir, path);
  }
}
