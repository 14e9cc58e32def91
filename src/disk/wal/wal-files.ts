/** The files of a log as its writer holds them: all open, none missing, unneeded ones removed. */
import { basename, dirname, join } from 'node:path';
import { invariant } from '../../shared/invariant.ts';
import { copyDurably, whereabouts } from '../file-whereabouts.ts';
import { damagedFolder, logOutputDirectory } from '../layout.ts';
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
  /** True if a reader found damage. When it is released, the bytes are kept and it is made anew. */
  isDamaged: boolean;
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
      if (file.isDamaged) this.#renew(file);
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
  #adopt(found: WalFoundFile, fileBytes: number): void {
    const { number, bytes, epoch, lastPosition, isDamaged = false } = found;
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
      isDamaged,
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
    try {
      this.#fillWithZeros(file);
    } catch (error) {
      this.#remove(file);
      throw error;
    }
  }

  #fillWithZeros({ handle, bytes }: WalFile): void {
    const zeros = new Uint8Array(Math.min(zerosBytes, bytes));
    for (let at = 0; at < bytes; at += zeros.byteLength) {
      writeAll(this.#storage, handle, [zeros.subarray(0, bytes - at)], at);
    }
    this.#storage.syncData(handle);
  }

  /**
   * Copies a damaged file, of which nothing is needed any more, to `.archer/damaged`, and fills it
   * with zeros like a new one. Both are best effort: a disk that is full or cannot read the file
   * keeps no copy, and a file that keeps its damage is overwritten by its next use.
   */
  #renew(file: WalFile): void {
    const outputDir = logOutputDirectory(file.path);
    if (outputDir !== undefined) succeeds(() => this.#keepCopy(outputDir, file));
    if (file.kind === 'fixed') succeeds(() => this.#fillWithZeros(file));
    file.isDamaged = false;
  }

  #keepCopy(outputDir: string, { path, handle, bytes }: WalFile): void {
    const storage = this.#storage;
    const name = `${damagedFolder}/${basename(dirname(path))}-${basename(path)}`;
    let target = name;
    for (let count = 1; storage.stat(join(outputDir, target)) !== undefined; count++) {
      target = `${name}.${count}`;
    }
    storage.makeFolder(join(outputDir, damagedFolder));
    const copy = storage.open(join(outputDir, target), 'create');
    copyDurably(storage, outputDir, { file: handle, bytes }, { file: copy, path: target });
    storage.close(copy);
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
      isDamaged: false,
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
