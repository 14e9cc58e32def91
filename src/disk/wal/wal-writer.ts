/**
 * Writes the log of a lane: groups of frames, one write for each, over files that are used in turn.
 *
 *     begin ──epoch──> stamp the frames ──> append ──> sync ──> answer the senders
 *       └──full──> write the batches out, release, begin again
 *
 * 1. When `append` and `sync` have returned, the group is what `durability` promises.
 * 2. When one of them has thrown, the group is refused: its positions are never used again, and a
 *    reader gives its frames only if nothing was appended after it. When `sync` has, what was
 *    appended before may not be on the disk either: it must be made durable elsewhere.
 * 3. A file that failed takes no further group until nothing in it is needed.
 * 4. Nothing is overwritten that is needed, and only `release` says what is not.
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
  /** What a reader said of the folder at its end; nothing was written there since. */
  readonly found: WalEnd;
  /** The lowest position that is still needed of what was found. */
  readonly neededFrom: number;
  /** Where a writer of this log had come to whose files were lost: this one goes on behind it. */
  readonly after?: WalReach;
}

/** How far the positions and epochs of a log have risen. */
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
  /** Of the last group that was not refused. */
  #lastPosition: number;
  /** Whether a header with an epoch of this opening is on the disk. */
  #isBaseDurable = false;
  /** What a failed sync takes back: where log and file ended before the last group. */
  #unsynced: { readonly logPosition: number; readonly filePosition: number } | undefined;

  /** Makes the files that are missing. When it throws, nothing is open. */
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

  /** Of the last frame in the log that was not refused; 0 while there is none. */
  get lastPosition(): number {
    return this.#lastPosition;
  }

  get reach(): WalReach {
    return { lastPosition: this.#lastPosition, nextEpoch: this.#nextEpoch };
  }

  /**
   * The epoch to stamp into the frames of a group of so many bytes, or full. It writes nothing and
   * may be asked again and again while a group grows: as long as the answer stays the same, the
   * frames stamped so far may stay in the group. A first position that does not follow on the last,
   * since frames between them were refused, takes the group to another file.
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
   * Writes a group: whole frames whose positions rise by one, with the epoch that `begin` gave for
   * so many bytes and that first position. When it throws, the group is refused.
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

  /** Returns when the last group survives power loss; with `logged` at once. */
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
   * From now on nothing below the position is needed: it is in segments, which with `synced` means
   * that they, and a checkpoint that is past it, are durable.
   */
  release(neededFrom: number): void {
    this.#neededFrom = Math.max(this.#neededFrom, neededFrom);
    this.#files.release(this.#neededFrom);
  }

  /** The paths of files that were moved or deleted: then write out all and open the log anew. */
  missing(): string[] {
    return this.#files.missing();
  }

  close(): void {
    this.#files.close();
  }

  /**
   * A process that was killed may have written what it did not sync, and the reader has given it.
   */
  #syncFound(): void {
    for (const file of this.#files.all) {
      if (file.phase === 'left') succeeds(() => this.#syncFile(file));
    }
  }

  /** The file's bytes, and its name where it was made for one group. */
  #syncFile(file: WalFile): void {
    const { storage, folder } = this.#options;
    storage.syncData(file.handle);
    if (file.kind === 'own') storage.syncFolder(folder);
  }

  get #isSynced(): boolean {
    return this.#options.durability === 'synced';
  }

  /**
   * Header and group in one write. The file before is left first: its epoch is lower from now on.
   */
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
   * The first header since the log was opened, durable before any frame has an epoch of this
   * opening: so a power loss never leaves such frames and nothing that tells how far the epochs had
   * risen. A file of its own length does not stay to tell it.
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

  /**
   * A file that fails keeps what it holds until that is released, and in this use takes no more.
   */
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

  /** One look for each group: what is stamped wrongly would be lost for the reader. */
  #checkFirst(views: readonly Uint8Array[], position: number, epoch: number): void {
    const header = readFrameHeader(views[0]!);
    invariant(header !== undefined, 'a group begins with a stamped frame');
    invariant(header.lane === this.#options.lane, 'a frame is stamped with its lane');
    invariant(header.position === position, 'a frame is stamped with its position');
    invariant(header.epoch === epoch, 'a frame is stamped with the epoch of its file');
  }
}

/** Above all that a header of the log has, and that a header had which is lost. */
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
