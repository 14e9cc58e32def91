/**
 * Notices that somebody deletes or moves what is being written, sooner than the lane looks itself.
 */
import { type ArchiveEvent, type ArchiveWatcher, watchArchive } from '../disk/archive-watcher.ts';
import { privateFolder } from '../disk/layout.ts';
import type { Journal } from '../shared/journal.ts';
import { type Signal, signals } from '../shared/signal.ts';

export interface ArchiveGuardOptions {
  readonly outputDir: string;
  /** Something that is being written may be gone. */
  readonly onLoss: () => void;
  /** All that is told of the output directory, for others who follow it. */
  readonly onEvent?: (event: ArchiveEvent) => void;
  readonly journal: Journal;
}

export class ArchiveGuard {
  readonly #options: ArchiveGuardOptions;
  readonly #active = new Map<Signal, string>();
  #opening: Promise<void> | undefined;
  #watcher: ArchiveWatcher | undefined;
  #isFaultSaid = false;

  constructor(options: ArchiveGuardOptions) {
    this.#options = options;
  }

  /**
   * Resolves once the folders are watched, which need not be waited for, or cannot be: then the
   * lane's own looks must do.
   */
  open(): Promise<void> {
    this.#opening ??= this.#open().catch((error: Error) => this.#say(error.message));
    return this.#opening;
  }

  opened(signal: Signal, path: string): void {
    this.#active.set(signal, path);
    this.#watcher?.setActive([...this.#active.values()]);
  }

  sealed(signal: Signal, path: string): void {
    if (this.#active.get(signal) === path) this.#active.delete(signal);
    this.#watcher?.setActive([...this.#active.values()]);
  }

  async close(): Promise<void> {
    await this.#opening;
    await this.#watcher?.close();
  }

  async #open(): Promise<void> {
    const { outputDir } = this.#options;
    const onEvent = (event: ArchiveEvent) => this.#hear(event);
    this.#watcher = await watchArchive(outputDir, signals, onEvent, (reason) => this.#say(reason));
    this.#watcher.setActive([...this.#active.values()]);
  }

  #hear(event: ArchiveEvent): void {
    this.#options.onEvent?.(event);
    if (event.kind === 'gone' && this.#isWritten(event.path)) this.#options.onLoss();
  }

  /** Whether the path is one that is being written to, or a folder of such a one. */
  #isWritten(path: string): boolean {
    if (path === '' || path.split('/')[0] === privateFolder) return true;
    return [...this.#active.values()].some((active) => {
      return active === path || active.startsWith(`${path}/`);
    });
  }

  #say(reason: string): void {
    if (this.#isFaultSaid) return;
    this.#isFaultSaid = true;
    const message = 'the output directory cannot be watched; what is deleted there is seen later';
    this.#options.journal.write('warn', message, { reason });
  }
}
