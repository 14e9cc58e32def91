/** The output directory as a recorder holds it: made, kept from other recorders, with its id. */
import {
  type DirectoryLock,
  heldSentence,
  type LockPorts,
  takeDirectoryLock,
} from '../disk/lock/directory-lock.ts';
import type { ProcessTable } from '../disk/lock/process-identity.ts';
import { openIdentity } from '../disk/segment/recorder-id.ts';
import type { Storage } from '../disk/storage.ts';
import type { Clock } from '../shared/clock.ts';
import type { Journal } from '../shared/journal.ts';

/** Another recorder has the output directory. */
export class DirectoryHeldError extends Error {}

export interface HeldDirectoryOptions {
  readonly storage: Storage;
  readonly outputDir: string;
  readonly processes: ProcessTable;
  readonly clock: Clock;
  readonly journal: Journal;
}

/** waitsFor: the disk is full or fails, which may pass; nothing is held then. */
export type DirectoryAttempt = { readonly recorderId: string } | { readonly waitsFor: string };

/** What passes when there is room again, or the disk works; all else is for a person to mend. */
const passingCodes: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EIO']);

export class HeldDirectory {
  /**
   * Resolves with the reason when another recorder has taken the directory, after somebody took the
   * lock away: two would write over each other.
   */
  readonly lost: Promise<string>;
  readonly #options: HeldDirectoryOptions;
  #lose: (reason: string) => void = () => {};
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
   * Makes the directory where it is missing, and keeps other recorders out of it; once it is held,
   * says so again. Rejects with one line that names the remedy.
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
      if (error instanceof DirectoryHeldError) throw error;
      const { message, code } = error as NodeJS.ErrnoException;
      if (passingCodes.has(code)) return { waitsFor: message };
      throw new Error(`output_dir ${outputDir} cannot be written: ${message}; choose another`);
    }
  }

  /** For those who are refused the directory; it is held without them, too. */
  setPorts(ports: LockPorts): void {
    this.#ports = ports;
    try {
      this.#lock?.setPorts(ports);
    } catch (error) {
      const { message } = error as Error;
      this.#options.journal.write('warn', `.archer/lock does not name the ports: ${message}`);
    }
  }

  /** Writes the lock again if somebody has taken it away. */
  restoreLock(): void {
    const { outputDir, journal } = this.#options;
    try {
      const holder = this.#lock?.restore(this.#ports ?? null);
      if (holder === undefined) return;
      this.#lose(`.archer/lock was taken away, and ${heldSentence(outputDir, holder)}`);
    } catch (error) {
      const { message } = error as Error;
      journal.write('warn', `.archer/lock is gone and cannot be written again: ${message}`);
    }
  }

  /** Leaves the directory to the next recorder. */
  release(): void {
    this.#lock?.release();
  }

  async #takeLock(): Promise<DirectoryLock> {
    const { outputDir } = this.#options;
    const attempt = await takeDirectoryLock(this.#options);
    if (attempt.kind === 'taken') return attempt.lock;
    throw new DirectoryHeldError(heldSentence(outputDir, attempt.holder));
  }
}
