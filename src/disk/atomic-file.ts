/** Writes a large file piece by piece, so that nobody ever finds half of it under its name. */
import { dirname } from 'node:path';
import type { OpenFile, Storage } from './storage.ts';
import { writeAll } from './write-all.ts';

/** Small pieces are put together: a write of the disk costs as much as copying some 10 KiB. */
const writeBytesMin = 256 * 1024;

/** Lies beside its place, under a name of this process, until it is committed or abandoned. */
export class AtomicFile {
  readonly path: string;
  readonly #storage: Storage;
  readonly #temporary: string;
  readonly #file: OpenFile;
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #writtenBytes = 0;
  #isOpen = true;

  /** The folder must be there. `owner` tells apart who writes to one place at the same time. */
  constructor(storage: Storage, path: string, owner: number | string) {
    this.path = path;
    this.#storage = storage;
    this.#temporary = `${path}.${owner}.tmp`;
    // What a dead process of that number left.
    if (storage.stat(this.#temporary) !== undefined) storage.remove(this.#temporary);
    this.#file = storage.open(this.#temporary, 'create');
  }

  /** What was appended so far. */
  get bytes(): number {
    return this.#writtenBytes + this.#pieceBytes;
  }

  /** The piece is not to be changed any more. */
  append(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#pieceBytes += piece.byteLength;
    if (this.#pieceBytes >= writeBytesMin) this.#flush();
  }

  /** Puts it in its place, whatever is there. Durable when it returns. */
  commit(): void {
    this.#flush();
    this.#storage.syncData(this.#file);
    this.#close();
    this.#storage.rename(this.#temporary, this.path);
    this.#storage.syncFolder(dirname(this.path));
  }

  /** Leaves nothing behind; what has been committed stays. */
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
