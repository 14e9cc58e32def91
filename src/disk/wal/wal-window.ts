/** Reads a log file through a moving buffer. Bytes that the disk cannot read become zeros. */
import { frameAlignmentBytes } from '../../shared/frame.ts';
import { invariant } from '../../shared/invariant.ts';
import type { OpenFile, Storage } from '../storage.ts';

/** Large enough that a read call costs little compared with processing the bytes. */
const windowBytes = 1024 * 1024;

/** The least that a bad sector costs on the usual file systems. */
const pageBytes = 4096;

/** The search compares one 32-bit word in each step of the frame alignment. */
const wordsPerStep = frameAlignmentBytes / Int32Array.BYTES_PER_ELEMENT;

export class WalWindow {
  /** The file's length when it was opened. Bytes that are cut off later count as missing. */
  readonly fileBytes: number;
  readonly #storage: Storage;
  readonly #file: OpenFile;
  #buffer: Uint8Array;
  /** The buffer holds the bytes of the file from `#start` to `#end`. */
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

  /** Number of bytes that the disk could not read. Counted once while reading moves forward. */
  get unreadableBytes(): number {
    return this.#unreadableBytes;
  }

  /** Offset of the first unreadable byte. */
  get unreadableOffset(): number {
    return this.#unreadableOffset;
  }

  /**
   * Returns `bytes` bytes from the offset on; undefined if the file is shorter. The view is valid
   * until the next call. A larger frame enlarges the window, up to the length of the file.
   */
  view(offset: number, bytes: number): Uint8Array | undefined {
    if (offset + bytes > this.fileBytes) return undefined;
    if (offset < this.#start || offset + bytes > this.#end) this.#move(offset, bytes);
    if (offset + bytes > this.#end) return undefined;
    return this.#buffer.subarray(offset - this.#start, offset - this.#start + bytes);
  }

  /** The first aligned offset, from the given one on, that holds the word; -1 if none does. */
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

  /** The bytes in the window from an offset on, in whole steps. Moves the window if it has none. */
  #rest(offset: number): Uint8Array {
    const isInside = offset >= this.#start && offset + frameAlignmentBytes <= this.#end;
    if (!isInside) this.#move(offset, frameAlignmentBytes);
    const bytes = this.#end - offset;
    const wholeBytes = bytes - (bytes % frameAlignmentBytes);
    return this.#buffer.subarray(offset - this.#start, offset - this.#start + wholeBytes);
  }

  #move(offset: number, bytes: number): void {
    // An aligned start keeps words aligned in the buffer.
    const start = offset - (offset % frameAlignmentBytes);
    this.#keepFrom(start, offset + bytes - start);
    const restBytes = Math.min(this.#buffer.byteLength, this.fileBytes - start);
    while (this.#end - start < restBytes) {
      const count = this.#read(this.#buffer.subarray(this.#end - start, restBytes), this.#end);
      if (count === 0) break;
      this.#end += count;
    }
  }

  /** Moves the bytes that stay in the window to the front of a buffer that is large enough. */
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

  /** Reads up to the end of one page, so that a bad page does not affect its neighbours. */
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

/** Byte index of the word, searched in steps of the alignment; -1 if it does not occur. */
function indexOfWord(bytes: Uint8Array, word: number): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const target = word | 0;
  for (let index = 0; index < words.length; index += wordsPerStep) {
    if (words[index] === target) return index * Int32Array.BYTES_PER_ELEMENT;
  }
  return -1;
}
