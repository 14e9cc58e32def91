/** Makes the output directory, keeps other recorders out of it, and reads the recorder's id. */
import { type DirectoryLock, holderText, takeDirectoryLock } from '../disk/lock/directory-lock.ts';
import type { LockHolder, LockPorts } from '../disk/lock/lock-file.ts';
import type { ProcessTable } from '../disk/lock/process-identity.ts';
import { openIdentity } from '../disk/segment/recorder-id.ts';
import type { Storage } from '../disk/storage.ts';
import type { Clock } from '../shared/clock.ts';
import { ArcherError, type Problem, problem } from '../shared/errors.ts';
import type { Journal } from '../shared/journal.ts';

export interface HeldDirectoryOptions {
  readonly storage: Storage;
  readonly outputDir: string;
  readonly processes: ProcessTable;
  readonly clock: Clock;
  readonly journal: Journal;
}

/** `waitsFor`: the disk is full or fails, which may pass. The directory is not held then. */
export type DirectoryAttempt = { readonly recorderId: string } | { readonly waitsFor: string };

/** These errors may pass by themselves. A person must correct the cause of all others. */
const passingCodes: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EIO']);

export class HeldDirectory {
  /**
   * Resolves with the reason when another recorder has taken the directory. This recorder must stop
   * at once and without writing, because the other one writes to the same files.
   */
  readonly lost: Promise<Problem>;
  readonly #options: HeldDirectoryOptions;
  #lose: (reason: Problem) => void = () => {};
  #lock: DirectoryLock | undefined;
  #ports: LockPorts | undefined;
  #recorderId: string | undefined;

  constructor(options: HeldDirectoryOptions) {
    this.#options = options;
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
  }

  /**
   * Makes the directory if it is missing, and takes its lock. If the directory is held already, it
   * writes the lock again. Rejects with ERR_ARCHER_DIRECTORY_HELD, or with
   * ERR_ARCHER_DIRECTORY_UNWRITABLE if a person must correct the cause.
   */
  async take(): Promise<DirectoryAttempt> {
    const { storage, outputDir } = this.#options;
    try {
      storage.makeFolder(outputDir);
      this.#lock ??= await this.#takeLock();
      this.#recorderId ??= openIdentity(storage, outputDir);
      if (this.#ports !== undefined) this.setPorts(this.#ports);
      return { recorderId: this.#recorderId };
    } catch (error) {
      if (error instanceof ArcherError) throw error;
      const { message, code } = error as NodeJS.ErrnoException;
      if (passingCodes.has(code)) return { waitsFor: message };
      const facts = { directory: outputDir, reason: message };
      throw new ArcherError(problem('ERR_ARCHER_DIRECTORY_UNWRITABLE', facts), { cause: error });
    }
  }

  /** Names the ports in the lock, for the messages of recorders that are refused. */
  setPorts(ports: LockPorts): void {
    this.#ports = ports;
    try {
      this.#lock?.setPorts(ports);
    } catch (error) {
      const { message } = error as Error;
      this.#options.journal.write('warn', `.archer/lock does not name the ports: ${message}`);
    }
  }

  /** Writes the lock again if somebody removed it. */
  restoreLock(): void {
    try {
      this.#lock?.restore();
    } catch (error) {
      const { message } = error as Error;
      this.#options.journal.write(
        'warn',
        `.archer/lock is gone and cannot be written again: ${message}`,
      );
    }
  }

  /** Removes the lock, so that another recorder may take the directory. */
  release(): void {
    this.#lock?.release();
  }

  async #takeLock(): Promise<DirectoryLock> {
    const { outputDir } = this.#options;
    const onLost = (other: LockHolder) => {
      const facts = { directory: outputDir, holder: holderText(other) };
      this.#lose(problem('ERR_ARCHER_DIRECTORY_LOST', facts));
    };
    const attempt = await takeDirectoryLock({ ...this.#options, onLost });
    if (attempt.kind === 'taken') return attempt.lock;
    const facts = { directory: outputDir, holder: holderText(attempt.holder) };
    throw new ArcherError(problem('ERR_ARCHER_DIRECTORY_HELD', facts));
  }
}
