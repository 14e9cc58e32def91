/** The JSON text of one row and the place in it that is read next; no read passes its end. */
import { CellFault } from '../column/cell-fault.ts';
import { checkText, type TextValues } from '../column/columns.ts';

/** What `peek` gives behind the last byte. */
export const endOfText = -1;

const space = 0x20;

export class JsonText {
  source: Buffer = Buffer.alloc(0);
  position = 0;
  end = 0;
  #start = 0;
  #column = '';

  /** Begins with a row's text. */
  startAt(texts: TextValues, row: number): void {
    if (texts.isSuspect) checkText(texts, row);
    this.source = texts.data;
    this.#start = texts.offsets[row]!;
    this.position = this.#start;
    this.end = texts.offsets[row + 1]!;
    this.#column = texts.name;
  }

  /** The next byte that is no white space, which stays the next. */
  peek(): number {
    while (this.position < this.end) {
      const byte = this.source[this.position]!;
      if (byte > space || !isSpace(byte)) return byte;
      this.position++;
    }
    return endOfText;
  }

  /** Takes a byte that `peek` has shown to be the next, or may be; true if it is. */
  take(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.position++;
    return true;
  }

  /** Takes a word of ASCII letters, or ends the reading. */
  takeWord(word: string): void {
    for (let index = 0; index < word.length; index++) {
      const isNext = this.position < this.end;
      if (!isNext || this.source[this.position] !== word.charCodeAt(index)) {
        throw this.fault(`${word} is misspelt`);
      }
      this.position++;
    }
  }

  /** ASCII characters from a place on up to the next to be read. */
  asciiFrom(start: number): string {
    return this.source.toString('latin1', start, this.position);
  }

  /** To be thrown. */
  fault(what: string): CellFault {
    return new CellFault(this.#column, `${what}, at byte ${this.position - this.#start}`);
  }
}

function isSpace(byte: number): boolean {
  return byte === space || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
