/** Fields of text and of ids. */
import { CellFault } from '../column/cell-fault.ts';
import { type Columns, checkText, hasContent, isNull, type TextValues } from '../column/columns.ts';
import { bytesType, type WireWriter } from '../wire/wire-writer.ts';
import type { Field } from './field.ts';

/** A string: NULL and the empty text are not written. */
export function text(number: number, column: string): Field {
  return new TextField(number, column);
}

/** Bytes, from lower-case hex. */
export function id(number: number, column: string): Field {
  return new IdField(number, column);
}

const notHex = 0xff;

/** The value of each hex digit, upper and lower case. */
const digitValues = new Uint8Array(256).fill(notHex);
for (let value = 0; value < 16; value++) {
  digitValues[value.toString(16).charCodeAt(0)] = value;
  digitValues[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

class TextField implements Field {
  readonly #tag: number;
  readonly #column: string;
  #texts!: TextValues;

  constructor(number: number, column: string) {
    this.#tag = (number << 3) | bytesType;
    this.#column = column;
  }

  load(columns: Columns): boolean {
    this.#texts = columns.texts(this.#column);
    return hasContent(this.#texts, columns.rows);
  }

  write(out: WireWriter, row: number): void {
    const { offsets, data, isSuspect } = this.#texts;
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    if (start === end || isNull(this.#texts, row)) return;
    if (isSuspect) checkText(this.#texts, row);
    out.writeBytes(this.#tag, data, start, end);
  }
}

class IdField implements Field {
  readonly #tag: number;
  readonly #column: string;
  #texts!: TextValues;

  constructor(number: number, column: string) {
    this.#tag = (number << 3) | bytesType;
    this.#column = column;
  }

  load(columns: Columns): boolean {
    this.#texts = columns.binaries(this.#column);
    return hasContent(this.#texts, columns.rows);
  }

  write(out: WireWriter, row: number): void {
    const { offsets, data, name } = this.#texts;
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    if (start === end || isNull(this.#texts, row)) return;
    const bytes = (end - start) >> 1;
    out.writeLength(this.#tag, bytes);
    const isHex = decodeHex(data, start, end, out.bytes, out.end);
    if (!isHex) throw new CellFault(name, 'the id is not hex');
    out.end += bytes;
  }
}

/**
 * Writes a byte to `target` for each two digits. Returns false if they are not hex digits, or an
 * odd number.
 */
function decodeHex(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  targetStart: number,
): boolean {
  let seen = 0;
  let to = targetStart;
  for (let from = start; from + 1 < end; from += 2) {
    const high = digitValues[source[from]!]!;
    const low = digitValues[source[from + 1]!]!;
    seen |= high | low;
    target[to++] = (high << 4) | low;
  }
  return seen < 16 && (end - start) % 2 === 0;
}
