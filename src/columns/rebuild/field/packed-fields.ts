/** Fields of packed numbers, from lists of numbers. */
import {
  type Columns,
  hasContent,
  isNull,
  type ListValues,
  type NumberValues,
} from '../column/columns.ts';
import { bytesType, type WireWriter } from '../wire/wire-writer.ts';
import type { Field } from './field.ts';

/** Repeated fixed64 or double, packed. */
export function packedFixed64(number: number, column: string): Field {
  return new PackedField((number << 3) | bytesType, column, appendFixed64);
}

/** Repeated uint64, packed. */
export function packedUint64(number: number, column: string): Field {
  return new PackedField((number << 3) | bytesType, column, appendUint64);
}

type AppendNumbers = (out: WireWriter, words: Uint32Array, start: number, end: number) => void;

class PackedField implements Field {
  readonly #tag: number;
  readonly #column: string;
  readonly #append: AppendNumbers;
  #list!: ListValues;
  #items!: NumberValues;

  constructor(tag: number, column: string, append: AppendNumbers) {
    this.#tag = tag;
    this.#column = column;
    this.#append = append;
  }

  load(columns: Columns): boolean {
    this.#list = columns.list(this.#column);
    this.#items = this.#list.items.numbers('item', 8);
    return hasContent(this.#list, columns.rows);
  }

  write(out: WireWriter, row: number): void {
    const start = this.#list.offsets[row]!;
    const end = this.#list.offsets[row + 1]!;
    if (start === end || isNull(this.#list, row)) return;
    const content = out.open(this.#tag);
    this.#append(out, this.#items.words, start, end);
    out.close(content);
  }
}

function appendFixed64(out: WireWriter, words: Uint32Array, start: number, end: number): void {
  const numbers = words.subarray(start * 2, end * 2);
  out.writeRaw(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
}

function appendUint64(out: WireWriter, words: Uint32Array, start: number, end: number): void {
  for (let item = start; item < end; item++) {
    out.appendVarint64(words[item * 2]!, words[item * 2 + 1]!);
  }
}
