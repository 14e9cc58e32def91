/** The files of a log as its writer holds them: all open, none missing, unneeded ones removed. */
import { dirname, join } from 'node:path';
import { invariant } from '../../shared/invariant.ts';
import { whereabouts } from '../file-whereabouts.ts';
import type { OpenFile, Storage } from '../storage.ts';
import { succeeds } from '../tolerated-faults.ts';
import { writeAll } from '../write-all.ts';
import { parseWalFileName, walFileName, walHeaderBytes } from './wal-format.ts';
import { moveTo, planRelease, type WalFileState } from './wal-plan.ts';
import type { WalFoundFile } from './wal-reader.ts';

export interface WalFile extends WalFileState {
  readonly path: string;
  readonly handle: OpenFile;
  /** First position of its last use. */
  firstPosition: number;
}

/**
 * A file becomes free only as a whole, and some room at its end stays unused. With eight files
 * about one eighth is out of use at a time, and each of the usual 256 MiB / 8 takes 32 groups of 1
 * MiB.
 */
export const walFileCount = 8;

/** The kernel writes whole pages. */
const fileBytesUnit = 4096;

/** Zeros written at a time. Larger chunks were no faster. */
const zerosBytes = 1024 * 1024;

/** The length of each file of a log's set, in bytes. */
export function walFileBytes(walBytesMax: number): number {
  const bytes = Math.floor(walBytesMax / walFileCount / fileBytesUnit) * fileBytesUnit;
  invariant(bytes > walHeaderBytes, 'a log file has room for a frame');
  return bytes;
}

export interface WalFilesOptions {
  readonly storage: Storage;
  readonly folder: string;
  readonly fileBytes: number;
  /** The files that a reader found in the folder. */
  readonly found: readonly WalFoundFile[];
  readonly neededFrom: number;
}

export class WalFiles {
  readonly #storage: Storage;
  readonly #folder: string;
  readonly #files: WalFile[] = [];

  /**
   * Creates missing files of the set, filled with zeros, so that a full disk later is no problem.
   */
  constructor({ storage, folder, fileBytes, found, neededFrom }: WalFilesOptions) {
    this.#storage = storage;
    this.#folder = folder;
    storage.makeFolder(folder);
    try {
      for (const file of found) this.#adopt(file, fileBytes);
      this.release(neededFrom);
      this.#completeSet(fileBytes);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** All open files. */
  get all(): readonly WalFile[] {
    return this.#files;
  }

  /** Creates an empty file for one group. */
  create(bytes: number): WalFile {
    return this.#create(bytes, 'own');
  }

  /** Frees files that hold nothing from the position on; removes those that are not of the set. */
  release(neededFrom: number): void {
    for (const file of planRelease(this.#files, neededFrom)) {
      if (file.kind === 'fixed') moveTo(file, 'free');
      else this.#remove(file);
    }
  }

  /** Paths of files that were moved, deleted or cut. What is written to such a file may be lost. */
  missing(): string[] {
    return this.#files.filter((file) => this.#isAway(file)).map(({ path }) => path);
  }

  close(): void {
    for (const { handle } of this.#files) succeeds(() => this.#storage.close(handle));
    this.#files.length = 0;
  }

  /** A file of another length comes from an earlier setting, or was made for one group. */
  #adopt({ number, bytes, epoch, lastPosition }: WalFoundFile, fileBytes: number): void {
    const isFixed = bytes === fileBytes && this.#fixedCount() < walFileCount;
    const path = join(this.#folder, walFileName(number));
    this.#files.push({
      path,
      bytes,
      epoch,
      lastPosition,
      handle: this.#storage.open(path, 'update'),
      kind: isFixed ? 'fixed' : 'own',
      phase: 'left',
      endBytes: bytes,
      firstPosition: 0,
    });
  }

  #completeSet(fileBytes: number): void {
    const missingCount = walFileCount - this.#fixedCount();
    if (missingCount === 0) return;
    for (let count = 0; count < missingCount; count++) this.#preallocate(fileBytes);
    // Syncs the names of the files, of the lane's folder and of the folder above it.
    const above = dirname(this.#folder);
    for (const folder of [this.#folder, above, dirname(above)]) this.#storage.syncFolder(folder);
  }

  #preallocate(fileBytes: number): void {
    const file = this.#create(fileBytes, 'fixed');
    const zeros = new Uint8Array(Math.min(zerosBytes, fileBytes));
    try {
      for (let at = 0; at < fileBytes; at += zeros.byteLength) {
        const rest = zeros.subarray(0, fileBytes - at);
        writeAll(this.#storage, file.handle, [rest], at);
      }
      this.#storage.syncData(file.handle);
    } catch (error) {
      this.#remove(file);
      throw error;
    }
  }

  #create(bytes: number, kind: WalFile['kind']): WalFile {
    const path = join(this.#folder, walFileName(this.#unusedNumber()));
    const handle = this.#storage.open(path, 'create');
    const file: WalFile = {
      ...{ path, handle, bytes, kind },
      phase: 'free',
      epoch: 0,
      endBytes: 0,
      firstPosition: 0,
      lastPosition: 0,
    };
    this.#files.push(file);
    return file;
  }

  #unusedNumber(): number {
    const names = this.#storage.list(this.#folder).map(({ name }) => name);
    const used = new Set(names.map(parseWalFileName));
    let number = 1;
    while (used.has(number)) number += 1;
    return number;
  }

  #fixedCount(): number {
    return this.#files.filter(({ kind }) => kind === 'fixed').length;
  }

  #isGone(path: string): boolean {
    let isGone = false;
    succeeds(() => {
      isGone = this.#storage.stat(path) === undefined;
    });
    return isGone;
  }

  /** A path that cannot be examined counts as present. */
  #isAway(file: WalFile): boolean {
    const { handle, path } = file;
    let isAway = false;
    succeeds(() => {
      const bytesMin = file.kind === 'fixed' ? file.bytes : file.endBytes;
      const isCut = this.#storage.statOpen(handle).bytes < bytesMin;
      isAway = isCut || whereabouts(this.#storage, handle, path) !== 'there';
    });
    return isAway;
  }

  /**
   * Removes the file durably. If it came back after a power loss, and its epoch had been given to
   * another file since, it would be taken for that file. If removal fails, the next release
   * retries.
   */
  #remove(file: WalFile): void {
    const { path, handle } = file;
    const isRemoved = succeeds(() => this.#storage.remove(path));
    if (!isRemoved && !this.#isGone(path)) return;
    succeeds(() => this.#storage.syncFolder(this.#folder));
    succeeds(() => this.#storage.close(handle));
    this.#files.splice(this.#files.indexOf(file), 1);
  }
}
