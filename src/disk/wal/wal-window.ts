/**
 * Reads a log file through a buffer that moves along it; what the disk cannot read comes as zeros.
 */
import { frameAlignmentBytes } from '../../shared/frame.ts';
import { invariant } from '../../shared/invariant.ts';
import type { OpenFile, Storage } from '../storage.ts';

/** Large enough that a read costs little beside what is done with the bytes. */
const windowBytes = 1024 * 1024;

/** What a disk with a bad sector loses at least, on the usual file systems. */
const pageBytes = 4096;

/** Of the word that is looked for, and of the steps in which it is. */
const wordsPerStep = frameAlignmentBytes / Int32Array.BYTES_PER_ELEMENT;

export class WalWindow {
  /** The file's length when it was opened; what is cut from it later reads as missing. */
  readonly fileBytes: number;
  readonly #storage: Storage;
  readonly #file: OpenFile;
  #buffer: Uint8Array;
  /** The buffer holds the file from start to end. */
  #start = 0;
  #end = 0;
  #unreadableOffset = 0;
  #unreadableEnd = 0;
  #unreadableBytes = 0;

  constructor(storage: Storage, file: OpenFile) {
    this.#storage = storage;
    this.#file = file;
    this.fileBytes = storage.statOpen(file).bytes;
    this.#buffer = new Uint8Array(Math.min(windowBytes, this.fileBytes));
  }

  /** Bytes that the disk would not give; each is counted once as long as reading goes forward. */
  get unreadableBytes(): number {
    return this.#unreadableBytes;
  }

  /** Where the first of them are. */
  get unreadableOffset(): number {
    return this.#unreadableOffset;
  }

  /**
   * So many bytes from an offset on; undefined where the file has not that many. Valid until the
   * next call. A larger frame makes the window larger, so that it is bounded by the file's length.
   */
  view(offset: number, bytes: number): Uint8Array | undefined {
    if (offset + bytes > this.fileBytes) return undefined;
    if (offset < this.#start || offset + bytes > this.#end) this.#move(offset, bytes);
    if (offset + bytes > this.#end) return undefined;
    return this.#buffer.subarray(offset - this.#start, offset - this.#start + bytes);
  }

  /**
   * The first aligned offset from the given one on at which the word stands; -1 where it does not.
   */
  find(word: number, offset: number): number {
    invariant(offset % frameAlignmentBytes === 0, 'a frame is looked for at its alignment');
    let at = offset;
    while (at + frameAlignmentBytes <= this.fileBytes) {
      const bytes = this.#rest(at);
      if (bytes.byteLength === 0) return -1;
      const index = indexOfWord(bytes, word);
      if (index !== -1) return at + index;
      at += bytes.byteLength;
    }
    return -1;
  }

  /** What the window holds from an offset on, in whole steps; it moves where it holds nothing. */
  #rest(offset: number): Uint8Array {
    const isInside = offset >= this.#start && offset + frameAlignmentBytes <= this.#end;
    if (!isInside) this.#move(offset, frameAlignmentBytes);
    const bytes = this.#end - offset;
    const wholeBytes = bytes - (bytes % frameAlignmentBytes);
    return this.#buffer.subarray(offset - this.#start, offset - this.#start + wholeBytes);
  }

  #move(offset: number, bytes: number): void {
    // An aligned start keeps the file's words at the words of the buffer.
    const start = offset - (offset % frameAlignmentBytes);
    this.#keepFrom(start, offset + bytes - start);
    const restBytes = Math.min(this.#buffer.byteLength, this.fileBytes - start);
    while (this.#end - start < restBytes) {
      const count = this.#read(this.#buffer.subarray(this.#end - start, restBytes), this.#end);
      if (count === 0) break;
      this.#end += count;
    }
  }

  /**
   * Moves what the window already holds behind its new start to the front of a buffer large enough.
   */
  #keepFrom(start: number, neededBytes: number): void {
    const holds = start >= this.#start && start < this.#end;
    const kept = holds
      ? this.#buffer.subarray(start - this.#start, this.#end - this.#start)
      : new Uint8Array(0);
    if (neededBytes > this.#buffer.byteLength) this.#buffer = new Uint8Array(neededBytes);
    this.#buffer.set(kept);
    this.#start = start;
    this.#end = start + kept.byteLength;
  }

  #read(target: Uint8Array, offset: number): number {
    try {
      return this.#storage.read(this.#file, target, offset);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error;
      return this.#readPage(target, offset);
    }
  }

  /** To the end of the page, so that one bad page does not take its neighbours with it. */
  #readPage(target: Uint8Array, offset: number): number {
    const page = target.subarray(0, pageBytes - (offset % pageBytes));
    try {
      return this.#storage.read(this.#file, page, offset);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error;
      page.fill(0);
      this.#countUnreadable(offset, offset + page.byteLength);
      return page.byteLength;
    }
  }

  #countUnreadable(start: number, end: number): void {
    if (this.#unreadableBytes === 0) this.#unreadableOffset = start;
    this.#unreadableBytes += Math.max(0, end - Math.max(start, this.#unreadableEnd));
    this.#unreadableEnd = Math.max(this.#unreadableEnd, end);
  }
}

/** In bytes, at steps of the alignment; -1 where it is not. */
function indexOfWord(bytes: Uint8Array, word: number): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const wanted = word | 0;
  for (let index = 0; index < words.length; index += wordsPerStep) {
    if (words[index] === wanted) return index * Int32Array.BYTES_PER_ELEMENT;
  }
  return -1;
}
