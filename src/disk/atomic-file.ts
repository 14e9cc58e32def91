/** Writes a large file piece by piece, so that its name never leads to half of it. */
import { dirname } from 'node:path';
import type { OpenFile, Storage } from './storage.ts';
import { writeAll } from './write-all.ts';

/** Small pieces are collected: one write call costs as much as copying some 10 KiB. */
const writeBytesMin = 256 * 1024;

/** The bytes lie under a temporary name beside the target until `commit` or `abandon`. */
export class AtomicFile {
  readonly path: string;
  readonly #storage: Storage;
  readonly #temporary: string;
  readonly #file: OpenFile;
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #writtenBytes = 0;
  #isOpen = true;

  /** The folder must exist. `owner` tells writers apart that write to one path at the same time. */
  constructor(storage: Storage, path: string, owner: number | string) {
    this.path = path;
    this.#storage = storage;
    this.#temporary = `${path}.${owner}.tmp`;
    // A dead process with the same owner may have left this file.
    if (storage.stat(this.#temporary) !== undefined) storage.remove(this.#temporary);
    this.#file = storage.open(this.#temporary, 'create');
  }

  /** Number of bytes appended so far. */
  get bytes(): number {
    return this.#writtenBytes + this.#pieceBytes;
  }

  /** The caller must not change the piece afterwards. */
  append(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#pieceBytes += piece.byteLength;
    if (this.#pieceBytes >= writeBytesMin) this.#flush();
  }

  /** Replaces any file at the path. The change is durable when this returns. */
  commit(): void {
    this.#flush();
    this.#storage.syncData(this.#file);
    this.#close();
    this.#storage.rename(this.#temporary, this.path);
    this.#storage.syncFolder(dirname(this.path));
  }

  /** Removes the temporary file. After `commit` this does nothing. */
  abandon(): void {
    if (this.#isOpen) this.#close();
    if (this.#storage.stat(this.#temporary) !== undefined) this.#storage.remove(this.#temporary);
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#pieces, this.#pieceBytes);
    this.#pieces = [];
    this.#pieceBytes = 0;
    this.#writtenBytes = writeAll(this.#storage, this.#file, [bytes], this.#writtenBytes);
  }

  #close(): void {
    this.#isOpen = false;
    this.#storage.close(this.#file);
  }
}
