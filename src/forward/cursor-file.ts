/** The file that holds a destination's cursor, and where one without a file begins. */
import { dirname } from 'node:path';
import { readCheckedFile, writeCheckedFile } from '../disk/checked-file.ts';
import type { Storage } from '../disk/storage.ts';
import type { Signal } from '../shared/signal.ts';
import { Cursor } from './cursor.ts';
import type { CursorPort } from './cursor-saver.ts';

/** A cursor is some hundred bytes, and some more for each request under way. */
const cursorBytesMax = 1024 * 1024;

export interface CursorStart {
  readonly lane: number;
  readonly signals: readonly Signal[];
  /** Signals that it has never had begin behind this position. */
  readonly through: number;
  /** The position that the next request will have. */
  readonly nextPosition: number;
}

export class CursorFile implements CursorPort {
  readonly #storage: Storage;
  readonly path: string;

  constructor(storage: Storage, path: string) {
    this.#storage = storage;
    this.path = path;
  }

  /**
   * Where the destination goes on. One that is damaged begins at the beginning: rather twice than
   * not at all. Throws when it cannot be read.
   */
  open({ lane, signals, through, nextPosition }: CursorStart): {
    readonly cursor: Cursor;
    readonly isDamaged: boolean;
  } {
    const content = readCheckedFile(this.#storage, this.path, cursorBytesMax);
    const known = typeof content === 'string' ? undefined : Cursor.fromText(lane, content.text);
    const isDamaged = content !== 'absent' && known === undefined;
    const cursor = known ?? new Cursor(lane);
    cursor.notBeyond(nextPosition);
    cursor.want(signals, isDamaged ? 0 : through);
    return { cursor, isDamaged };
  }

  save(text: string): void {
    this.#storage.makeFolder(dirname(this.path));
    writeCheckedFile(this.#storage, this.path, text);
  }

  isThere(): boolean {
    return this.#storage.stat(this.path)?.kind === 'file';
  }
}
