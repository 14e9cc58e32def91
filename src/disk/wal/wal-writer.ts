/**
 * Writes the log of a lane: groups of frames, one write call each, into files that are reused.
 *
 *     begin ──epoch──> stamp the frames ──> append ──> sync ──> answer the senders
 *       └──full──> write the batches to segments, release, begin again
 *
 * 1. After `append` and `sync` have returned, the group is as safe as `durability` promises.
 * 2. If one of them throws, the group is refused. Its positions are never used again, and a reader
 *    returns its frames only if nothing was appended after it. If `sync` throws, frames appended
 *    earlier may not be on the disk either; they must be made durable elsewhere.
 * 3. A file that failed takes no further group until nothing in it is needed.
 * 4. Nothing that is needed is overwritten. Only `release` declares what is no longer needed.
 */
import { frameHeaderBytes } from '../../shared/frame.ts';
import { invariant } from '../../shared/invariant.ts';
import type { Storage } from '../storage.ts';
import { succeeds } from '../tolerated-faults.ts';
import { writeAll } from '../write-all.ts';
import { type WalFile, WalFiles, walFileBytes } from './wal-files.ts';
import { walEpochMax, walEpochStride, walHeaderToBytes } from './wal-format.ts';
import { readFrameHeader } from './wal-frame.ts';
import { hasRoom, moveTo, planPlace, type WalLimits, type WalPlace } from './wal-plan.ts';
import type { WalEnd } from './wal-reader.ts';
import type { WalOwner } from './wal-survey.ts';

export interface WalWriterOptions extends WalOwner {
  readonly storage: Storage;
  readonly folder: string;
  readonly walBytesMax: number;
  /** logged: survives the death of the process. synced: survives power loss. */
  readonly durability: 'logged' | 'synced';
  /** The end item of a reader. Nothing may have been written to the folder since. */
  readonly found: WalEnd;
  /** The lowest position that is still needed. */
  readonly neededFrom: number;
  /** The reach of an earlier writer of this log whose files are lost. This writer continues it. */
  readonly after?: WalReach;
}

/** How far positions and epochs of a log have risen. */
export interface WalReach {
  readonly lastPosition: number;
  readonly nextEpoch: number;
}

export class WalWriter {
  readonly #options: WalWriterOptions;
  readonly #limits: WalLimits;
  readonly #files: WalFiles;
  #current: WalFile | undefined;
  #nextEpoch: number;
  #neededFrom: number;
  /** Last position of the last group that was not refused. */
  #lastPosition: number;
  /** True if a header with an epoch of this opening is durable. */
  #isBaseDurable = false;
  /** The last positions of log and file before the last group. A failed sync restores them. */
  #unsynced: { readonly logPosition: number; readonly filePosition: number } | undefined;

  /** Creates missing files. If it throws, no file stays open. */
  constructor(options: WalWriterOptions) {
    const { storage, folder, walBytesMax, found, neededFrom, after } = options;
    invariant(neededFrom >= 1, 'positions begin at 1');
    const fileBytes = walFileBytes(walBytesMax);
    this.#options = options;
    this.#limits = { fileBytes, ownBytesMax: walBytesMax };
    this.#nextEpoch = Math.max(firstEpoch(found), after?.nextEpoch ?? 1);
    this.#neededFrom = neededFrom;
    this.#lastPosition = Math.max(found.lastPosition, after?.lastPosition ?? 0);
    this.#files = new WalFiles({ storage, folder, fileBytes, found: found.files, neededFrom });
    if (this.#isSynced) this.#syncFound();
  }

  /** Position of the last frame in the log that was not refused; 0 if there is none. */
  get lastPosition(): number {
    return this.#lastPosition;
  }

  get reach(): WalReach {
    return { lastPosition: this.#lastPosition, nextEpoch: this.#nextEpoch };
  }

  /**
   * Returns the epoch to stamp into the frames of a group of this many bytes, or `full`. It writes
   * nothing, so it may be called repeatedly while a group grows. As long as it returns the same
   * epoch, the frames stamped so far may stay in the group. If the first position does not follow
   * the last one, because frames between them were refused, the group goes to another file.
   */
  begin(groupBytes: number, firstPosition: number = this.#lastPosition + 1): number | 'full' {
    const goesOn = firstPosition === this.#lastPosition + 1;
    if (goesOn && this.#current !== undefined && hasRoom(this.#current, groupBytes)) {
      return this.#current.epoch;
    }
    const place = planPlace(this.#files.all, { bytes: groupBytes, goesOn }, this.#limits);
    return place === 'full' ? 'full' : this.#nextEpoch;
  }

  /**
   * Writes a group. The views are whole frames whose positions rise by one, stamped with the epoch
   * that `begin` returned for the same bytes and first position. If it throws, the group is
   * refused.
   */
  append(views: readonly Uint8Array[], firstPosition: number, lastPosition: number): void {
    const bytes = sumBytes(views);
    const frameCount = lastPosition - firstPosition + 1;
    invariant(frameCount > 0 && frameCount * frameHeaderBytes <= bytes, 'a group holds its frames');
    invariant(firstPosition > this.#lastPosition, 'positions rise from group to group');
    invariant(this.#unsynced === undefined, 'a group is synced before the next is appended');
    const logPosition = this.#lastPosition;
    const goesOn = firstPosition === logPosition + 1;
    const place = planPlace(this.#files.all, { bytes, goesOn }, this.#limits);
    invariant(place !== 'full', 'a group that is appended has been given a place');
    if (place.action === 'append') {
      this.#checkFirst(views, firstPosition, place.file.epoch);
      this.#write(place.file, views);
    } else {
      this.#checkFirst(views, firstPosition, this.#nextEpoch);
      this.#writeFirst(place, views, firstPosition);
    }
    const file = this.#current!;
    this.#unsynced = this.#isSynced ? { logPosition, filePosition: file.lastPosition } : undefined;
    file.lastPosition = lastPosition;
    this.#lastPosition = lastPosition;
  }

  /** Makes the last group durable. With durability `logged` it does nothing. */
  sync(): void {
    const file = this.#current;
    const before = this.#unsynced;
    if (file === undefined || before === undefined) return;
    this.#unsynced = undefined;
    this.#try(file, () => {
      try {
        this.#syncFile(file);
      } catch (error) {
        this.#lastPosition = before.logPosition;
        file.lastPosition = before.filePosition;
        throw error;
      }
    });
  }

  /**
   * Declares that nothing below the position is needed any more because it is in segments. With
   * `synced`, the segments and a checkpoint past them must be durable before.
   */
  release(neededFrom: number): void {
    this.#neededFrom = Math.max(this.#neededFrom, neededFrom);
    this.#files.release(this.#neededFrom);
  }

  /** Paths of files that were moved or deleted. The caller then writes all batches and reopens. */
  missing(): string[] {
    return this.#files.missing();
  }

  close(): void {
    this.#files.close();
  }

  /**
   * A killed process may have written frames that it did not sync, and the reader returned them.
   */
  #syncFound(): void {
    for (const file of this.#files.all) {
      if (file.phase === 'left') succeeds(() => this.#syncFile(file));
    }
  }

  /** Syncs the file's bytes, and its name if it was made for one group. */
  #syncFile(file: WalFile): void {
    const { storage, folder } = this.#options;
    storage.syncData(file.handle);
    if (file.kind === 'own') storage.syncFolder(folder);
  }

  get #isSynced(): boolean {
    return this.#options.durability === 'synced';
  }

  /** Writes header and group in one call. The current file is left first, as epochs must rise. */
  #writeFirst(
    place: Extract<WalPlace<WalFile>, { action: 'reuse' | 'create' }>,
    views: readonly Uint8Array[],
    firstPosition: number,
  ): void {
    if (this.#current !== undefined) moveTo(this.#current, 'left');
    this.#current = undefined;
    const file = place.action === 'reuse' ? place.file : this.#files.create(place.bytes);
    file.epoch = this.#nextEpoch;
    invariant(file.epoch <= walEpochMax, 'an epoch fits into its field');
    this.#nextEpoch += 1;
    file.firstPosition = firstPosition;
    file.lastPosition = 0;
    file.endBytes = 0;
    const header = this.#header(file);
    if (this.#isBaseDurable) {
      this.#write(file, [header, ...views]);
    } else {
      this.#writeBase(file, header);
      this.#write(file, views);
    }
    moveTo(file, 'current');
    this.#current = file;
  }

  /**
   * Writes the first header after the log was opened, and makes it durable before any frame with an
   * epoch of this opening. Otherwise a power loss could leave such frames without any header that
   * shows how far the epochs had risen. A file made for one group will be removed, so it does not
   * count as this durable header.
   */
  #writeBase(file: WalFile, header: Uint8Array): void {
    this.#write(file, [header]);
    this.#try(file, () => this.#syncFile(file));
    this.#isBaseDurable = file.kind === 'fixed';
  }

  #write(file: WalFile, views: readonly Uint8Array[]): void {
    this.#try(file, () => {
      file.endBytes = writeAll(this.#options.storage, file.handle, views, file.endBytes);
    });
  }

  /** A file that fails keeps its content until it is released, and takes no more in this use. */
  #try(file: WalFile, action: () => void): void {
    try {
      action();
    } catch (error) {
      moveTo(file, 'left');
      this.#current = undefined;
      this.#files.release(this.#neededFrom);
      throw error;
    }
  }

  #header(file: WalFile): Uint8Array {
    const { recorderId, lane } = this.#options;
    return walHeaderToBytes({
      recorderId,
      lane,
      epoch: file.epoch,
      firstPosition: file.firstPosition,
      previousPosition: this.#lastPosition,
      fileBytes: file.bytes,
    });
  }

  /** Checks one frame of each group. A reader would ignore frames that are stamped wrongly. */
  #checkFirst(views: readonly Uint8Array[], position: number, epoch: number): void {
    const header = readFrameHeader(views[0]!);
    invariant(header !== undefined, 'a group begins with a stamped frame');
    invariant(header.lane === this.#options.lane, 'a frame is stamped with its lane');
    invariant(header.position === position, 'a frame is stamped with its position');
    invariant(header.epoch === epoch, 'a frame is stamped with the epoch of its file');
  }
}

/** Above every epoch in a header of the log, and above those of headers that were lost. */
function firstEpoch({ files }: WalEnd): number {
  const greatest = Math.max(0, ...files.map(({ epoch }) => epoch));
  if (greatest === 0) return 1;
  if (greatest <= walEpochMax - 2 * walEpochStride) return greatest + walEpochStride;
  throw new Error('the epochs of the log are used up: delete its files once all is archived');
}

function sumBytes(views: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const view of views) bytes += view.byteLength;
  return bytes;
}
