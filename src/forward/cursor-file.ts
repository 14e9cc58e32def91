/** The file that holds a destination's cursor, and the start of a destination without a file. */
import { dirname } from 'node:path';
import { readCheckedFile, writeCheckedFile } from '../disk/checked-file.ts';
import type { Storage } from '../disk/storage.ts';
import type { Signal } from '../shared/signal.ts';
import { Cursor } from './cursor.ts';
import type { CursorPort } from './cursor-saver.ts';

/** A cursor has some hundred bytes, and a few more for each request in flight. */
const cursorBytesMax = 1024 * 1024;

export interface CursorStart {
  readonly lane: number;
  readonly signals: readonly Signal[];
  /** A signal that the cursor does not know yet starts after this position. */
  readonly through: number;
  /** The position that the next request will get. */
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
   * Returns the cursor from which the destination continues. If the file is damaged, the cursor
   * starts at the beginning: sending requests twice is better than losing them. Throws if the file
   * cannot be read.
   */
  open({ lane, signals, through, nextPosition }: CursorStart): {
    readonly cursor: Cursor;
    readonly isDamaged: boolean;
  } {
    const content = readCheckedFile(this.#storage, this.path, cursorBytesMax);
    const known = typeof content === 'string' ? undefined : Cursor.fromText(lane, content.text);
    const isDamaged = content !== 'absent' && known === undefined;
    const cursor = known ?? new Cursor(lane);
    cursor.truncate(nextPosition);
    cursor.addSignals(signals, isDamaged ? 0 : through);
    return { cursor, isDamaged };
  }

  save(text: string): void {
    this.#storage.makeFolder(dirname(this.path));
    writeCheckedFile(this.#storage, this.path, text);
  }

  exists(): boolean {
    return this.#storage.stat(this.path)?.kind === 'file';
  }
}
