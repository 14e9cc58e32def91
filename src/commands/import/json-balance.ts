/** Follows the brackets of JSON text over its lines, to tell where an object ends. */

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const space = 0x20;

/** JSON has no line feed within a string, so each line ends outside of strings. */
export class JsonBalance {
  #depth = 0;
  #isInString = false;
  #lastByte = 0;

  /** The last byte that is not white space; 0 if there is none. */
  get lastByte(): number {
    return this.#lastByte;
  }

  /** True if the text so far is a part of an object that more lines can complete. */
  get mayGoOn(): boolean {
    return this.#depth > 0 && !this.#isInString;
  }

  add(line: Uint8Array): void {
    for (let index = 0; index < line.length; index++) {
      const byte = line[index]!;
      if (byte > space) this.#lastByte = byte;
      if (this.#isInString) {
        if (byte === backslash) index++;
        else if (byte === quote) this.#isInString = false;
      } else if (byte === quote) this.#isInString = true;
      else if (byte === openBrace || byte === openBracket) this.#depth++;
      else if (byte === closeBrace || byte === closeBracket) this.#depth--;
    }
  }
}
