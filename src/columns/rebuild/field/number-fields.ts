/** Fields of numbers and times, each in the encoding that OTLP gives it. */
import { type BitValues, type Columns, isNull, type NumberValues } from '../column/columns.ts';
import { fixed32Type, fixed64Type, varintType, type WireWriter } from '../wire/wire-writer.ts';
import type { Field } from './field.ts';

/** A uint32. */
export function uint32(number: number, column: string): Field {
  return new WordField(column, (number << 3) | varintType, writeUint32);
}

/** An int32, or an enum that the column holds as a number. */
export function int32(number: number, column: string): Field {
  return new WordField(column, (number << 3) | varintType, writeInt32);
}

/** A sint32. */
export function sint32(number: number, column: string): Field {
  return new WordField(column, (number << 3) | varintType, writeSint32);
}

export function fixed32(number: number, column: string): Field {
  return new WordField(column, (number << 3) | fixed32Type, writeFixed32);
}

/** A fixed64, or a double without presence. NULL and zero are not written. */
export function fixed64(number: number, column: string): Field {
  return new TwoWordsField(column, (number << 3) | fixed64Type, false);
}

/** An `optional` double. It is written unless it is NULL. */
export function optionalDouble(number: number, column: string): Field {
  return new TwoWordsField(column, (number << 3) | fixed64Type, true);
}

/** A bool; NULL is false. */
export function bool(number: number, column: string): Field {
  return new BoolField(column, (number << 3) | varintType);
}

type WriteWord = (out: WireWriter, tag: number, word: number) => void;

class WordField implements Field {
  readonly #column: string;
  readonly #tag: number;
  readonly #writeWord: WriteWord;
  #values!: NumberValues;

  constructor(column: string, tag: number, writeWord: WriteWord) {
    this.#column = column;
    this.#tag = tag;
    this.#writeWord = writeWord;
  }

  load(columns: Columns): boolean {
    this.#values = columns.numbers(this.#column, 4);
    return !isZero(this.#values.words);
  }

  write(out: WireWriter, row: number): void {
    const word = this.#values.words[row]!;
    if (word !== 0) this.#writeWord(out, this.#tag, word);
  }
}

function writeUint32(out: WireWriter, tag: number, word: number): void {
  out.writeVarint(tag, word);
}

function writeInt32(out: WireWriter, tag: number, word: number): void {
  out.writeInt32(tag, word | 0);
}

/** Writes zigzag encoding: the sign is the lowest bit. */
function writeSint32(out: WireWriter, tag: number, word: number): void {
  const value = word | 0;
  out.writeVarint(tag, ((value << 1) ^ (value >> 31)) >>> 0);
}

function writeFixed32(out: WireWriter, tag: number, word: number): void {
  out.writeFixed32(tag, word);
}

class TwoWordsField implements Field {
  readonly #column: string;
  readonly #tag: number;
  readonly #writesZero: boolean;
  #values!: NumberValues;

  constructor(column: string, tag: number, writesZero: boolean) {
    this.#column = column;
    this.#tag = tag;
    this.#writesZero = writesZero;
  }

  load(columns: Columns): boolean {
    this.#values = columns.numbers(this.#column, 8);
    return this.#writesZero || !isZero(this.#values.words);
  }

  write(out: WireWriter, row: number): void {
    const { words } = this.#values;
    const low = words[row * 2]!;
    const high = words[row * 2 + 1]!;
    // Minus zero has a bit set: it is not the default, so it is written.
    if ((low | high) === 0 && !this.#writesZero) return;
    if (!isNull(this.#values, row)) out.writeFixed64(this.#tag, low, high);
  }
}

class BoolField implements Field {
  readonly #column: string;
  readonly #tag: number;
  #values!: BitValues;

  constructor(column: string, tag: number) {
    this.#column = column;
    this.#tag = tag;
  }

  load(columns: Columns): boolean {
    this.#values = columns.bits(this.#column);
    return true;
  }

  write(out: WireWriter, row: number): void {
    const bit = (this.#values.bits[row >> 3]! >> (row & 7)) & 1;
    if (bit === 1 && !isNull(this.#values, row)) out.writeVarint(this.#tag, 1);
  }
}

function isZero(words: Uint32Array): boolean {
  let bits = 0;
  for (let index = 0; index < words.length; index++) bits |= words[index]!;
  return bits === 0;
}
