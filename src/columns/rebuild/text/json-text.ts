/**
 * The JSON text of one row and the position of the next read. No read passes the end of the text.
 */
import { CellFault } from '../column/cell-fault.ts';
import { checkText, type TextValues } from '../column/columns.ts';

/** What `peek` returns at the end of the text. */
export const endOfText = -1;

const space = 0x20;

export class JsonText {
  source: Buffer = Buffer.alloc(0);
  position = 0;
  end = 0;
  #start = 0;
  #column = '';

  /** Begins to read the text of a row. */
  startAt(texts: TextValues, row: number): void {
    if (texts.isSuspect) checkText(texts, row);
    this.source = texts.data;
    this.#start = texts.offsets[row]!;
    this.position = this.#start;
    this.end = texts.offsets[row + 1]!;
    this.#column = texts.name;
  }

  /** Skips white space and returns the next byte without reading it. */
  peek(): number {
    while (this.position < this.end) {
      const byte = this.source[this.position]!;
      if (byte > space || !isSpace(byte)) return byte;
      this.position++;
    }
    return endOfText;
  }

  /**
   * Skips white space and reads `byte` if it is next. Returns false, and reads nothing, if it is
   * not.
   */
  take(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.position++;
    return true;
  }

  /** Reads a word of ASCII letters. Throws a CellFault if it is not next. */
  takeWord(word: string): void {
    for (let index = 0; index < word.length; index++) {
      const isNext = this.position < this.end;
      if (!isNext || this.source[this.position] !== word.charCodeAt(index)) {
        throw this.fault(`${word} is misspelt`);
      }
      this.position++;
    }
  }

  /** Returns the ASCII text between `start` and the position. */
  asciiFrom(start: number): string {
    return this.source.toString('latin1', start, this.position);
  }

  /** Returns the error for the caller to throw. */
  fault(what: string): CellFault {
    return new CellFault(this.#column, `${what}, at byte ${this.position - this.#start}`);
  }
}

function isSpace(byte: number): boolean {
  return byte === space || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
