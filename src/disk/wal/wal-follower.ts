/**
 * Follows the log while it is written: returns its frames from any position on, as long as the log
 * holds them. It never delays the writer. Files may be reused while they are read; then the
 * follower reports the positions that it missed.
 *
 * 1. A frame that is returned was checked after reading: its lane, the epoch of its file, a
 *    position that rises, and both checksums.
 * 2. Every position is returned, or reported as overtaken, or was refused when it arrived.
 */
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { frameHeaderBytes } from '../../shared/frame.ts';
import type { Signal } from '../../shared/signal.ts';
import { readRange } from '../file-range.ts';
import type { OpenFile, Storage } from '../storage.ts';
import { ifThere } from '../tolerated-faults.ts';
import {
  parseWalFileName,
  type WalHeader,
  walHeaderBytes,
  walHeaderFromBytes,
} from './wal-format.ts';
import { readFrameHeader, type WalFrameHeader, wholeFrameBytes } from './wal-frame.ts';
import type { WalOwner } from './wal-survey.ts';

/** Bytes read at a time; more if one frame is larger. */
const readBytesMax = 1024 * 1024;

export interface WalFollowerOptions extends WalOwner {
  readonly storage: Storage;
  readonly folder: string;
}

export interface FollowedFrame {
  readonly signal: Signal;
  readonly position: number;
  readonly receivedTimeNs: bigint;
  readonly body: Uint8Array;
}

/**
 * frames: in the order of positions; empty at the end of the log. overtaken: all positions up to
 * and including `through` are no longer in the log but in segments.
 */
export type Followed =
  | { readonly kind: 'frames'; readonly frames: readonly FollowedFrame[] }
  | { readonly kind: 'overtaken'; readonly through: number };

/** The last use of a file. */
interface Use {
  readonly path: string;
  readonly epoch: number;
  readonly firstPosition: number;
  readonly previousPosition: number;
}

/** Where the next frame is expected. */
interface Place {
  readonly use: Use;
  readonly file: OpenFile;
  offset: number;
  /** The next frame has this position, or a greater one if some were refused. */
  position: number;
}

export class WalFollower {
  readonly #options: WalFollowerOptions;
  #place: Place | undefined;

  constructor(options: WalFollowerOptions) {
    this.#options = options;
  }

  /** Returns what follows. The position is one above the last one returned or reported. */
  read(position: number): Followed {
    if (this.#place !== undefined && !canLeadTo(this.#place, position)) this.close();
    // If a file is reused between two steps, the second attempt finds the position again.
    for (let attempt = 0; attempt < 2; attempt++) {
      const followed = this.#readOnce(position);
      if (followed !== undefined) return followed;
      this.close();
    }
    return { kind: 'frames', frames: [] };
  }

  /** The first position of the oldest use; undefined if there is none. */
  oldestPosition(): number | undefined {
    return this.#uses()[0]?.firstPosition;
  }

  close(): void {
    if (this.#place !== undefined) this.#options.storage.close(this.#place.file);
    this.#place = undefined;
  }

  /** Undefined if the file was reused while it was read. */
  #readOnce(position: number): Followed | undefined {
    this.#place ??= this.#find(position);
    const place = this.#place;
    if (place === undefined) return this.#behindAll(position);
    const frames = this.#readFrames(place, position);
    if (frames.length > 0) return { kind: 'frames', frames };
    // Lists the uses before reading the rest: all frames appended before the next use are then
    // seen.
    const next = this.#uses().find(({ epoch }) => epoch > place.use.epoch);
    if (!this.#isStillUsed(place)) return undefined;
    if (next === undefined) return { kind: 'frames', frames: [] };
    const rest = this.#readFrames(place, position);
    if (rest.length > 0) return { kind: 'frames', frames: rest };
    this.close();
    return this.#goOn(position, next);
  }

  /**
   * The current use has no more frames. Other uses may have existed between it and the next one.
   */
  #goOn(position: number, next: Use): Followed | undefined {
    if (next.previousPosition >= position) {
      return { kind: 'overtaken', through: next.firstPosition - 1 };
    }
    this.#place = this.#open(next);
    if (this.#place === undefined) return undefined;
    const frames = this.#readFrames(this.#place, position);
    return { kind: 'frames', frames };
  }

  /** No existing use contains the position: it was overwritten, or nothing was appended yet. */
  #behindAll(position: number): Followed {
    const [oldest] = this.#uses();
    if (oldest === undefined || oldest.previousPosition < position) {
      return { kind: 'frames', frames: [] };
    }
    return { kind: 'overtaken', through: oldest.firstPosition - 1 };
  }

  /** The use that contains, contained or will contain the position. */
  #find(position: number): Place | undefined {
    const uses = this.#uses();
    const use =
      uses.findLast(({ firstPosition }) => firstPosition <= position) ??
      uses.find(({ previousPosition }) => previousPosition < position);
    return use === undefined ? undefined : this.#open(use);
  }

  #open(use: Use): Place | undefined {
    const file = ifThere(() => this.#options.storage.open(use.path, 'read'));
    if (file === undefined) return undefined;
    return { use, file, offset: walHeaderBytes, position: use.firstPosition };
  }

  /** Reads frames from the place on and moves the place. Frames below the position are skipped. */
  #readFrames(place: Place, position: number): FollowedFrame[] {
    for (;;) {
      const bytes = this.#readWhole(place);
      const startOffset = place.offset;
      const frames = this.#takeFrames(place, bytes).filter((frame) => frame.position >= position);
      if (frames.length > 0 || place.offset === startOffset) return frames;
    }
  }

  /** Reads at least the whole first frame at the place; returns no bytes if there is none. */
  #readWhole({ file, offset, use }: Place): Uint8Array {
    const { storage } = this.#options;
    const header = readFrameHeader(readRange(storage, file, offset, frameHeaderBytes));
    if (header?.epoch !== use.epoch) return new Uint8Array(0);
    return readRange(storage, file, offset, Math.max(readBytesMax, wholeFrameBytes(header)));
  }

  /**
   * Returns the valid frames of the use at the start of the bytes, and moves the place past them.
   */
  #takeFrames(place: Place, bytes: Uint8Array): FollowedFrame[] {
    const frames: FollowedFrame[] = [];
    let start = 0;
    for (;;) {
      const header = readFrameHeader(bytes.subarray(start));
      if (header === undefined || !this.#isExpected(header, place)) break;
      const end = start + wholeFrameBytes(header);
      if (end > bytes.byteLength) break;
      const bodyStart = start + frameHeaderBytes;
      const body = bytes.subarray(bodyStart, bodyStart + header.bodyBytes);
      if (crc32(body) !== header.bodyCrc32) break;
      const { signal, position, receivedTimeNs } = header;
      frames.push({ signal, position, receivedTimeNs, body });
      place.offset += end - start;
      place.position = position + 1;
      start = end;
    }
    return frames;
  }

  #isExpected({ lane, epoch, position }: WalFrameHeader, place: Place): boolean {
    const isOfUse = lane === this.#options.lane && epoch === place.use.epoch;
    return isOfUse && position >= place.position;
  }

  #isStillUsed({ file, use }: Place): boolean {
    const header = this.#readHeader(file);
    return header?.epoch === use.epoch;
  }

  /** Ordered by epoch. */
  #uses(): Use[] {
    const { storage, folder, recorderId, lane } = this.#options;
    if (storage.stat(folder)?.kind !== 'folder') return [];
    const names = storage.list(folder).filter(({ name }) => parseWalFileName(name) !== undefined);
    const uses = names.flatMap(({ name }) => {
      const path = join(folder, name);
      const header = this.#headerOf(path);
      if (header?.recorderId !== recorderId || header.lane !== lane) return [];
      const { epoch, firstPosition, previousPosition } = header;
      return [{ path, epoch, firstPosition, previousPosition }];
    });
    return uses.sort((a, b) => a.epoch - b.epoch);
  }

  /** Undefined for a file that was just removed or has never been used. */
  #headerOf(path: string): WalHeader | undefined {
    const { storage } = this.#options;
    const file = ifThere(() => storage.open(path, 'read'));
    if (file === undefined) return undefined;
    try {
      return this.#readHeader(file);
    } finally {
      storage.close(file);
    }
  }

  #readHeader(file: OpenFile): WalHeader | undefined {
    const bytes = readRange(this.#options.storage, file, 0, walHeaderBytes);
    const header = walHeaderFromBytes(bytes);
    return typeof header === 'string' ? undefined : header;
  }
}

/** True if no position from the given one on lies before the place. */
function canLeadTo({ position: here, use }: Place, position: number): boolean {
  return here <= position || (here === use.firstPosition && use.previousPosition < position);
}
