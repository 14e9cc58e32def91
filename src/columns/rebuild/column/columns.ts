/**
 * The columns of a batch. Their lengths are checked here, so that no row can lead outside of a
 * buffer.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import type { ArrowBatch, ArrowColumn } from '../../../shared/arrow-batch.ts';
import { CellFault } from './cell-fault.ts';

export interface Values {
  readonly name: string;
  /** A bit for each value, 1 if it is not NULL; undefined if no value is NULL. */
  readonly validity: Uint8Array | undefined;
}

/** Numbers of 32 bits, one word each; or of 64 bits, two words each, the low half first. */
export interface NumberValues extends Values {
  readonly words: Uint32Array;
}

export interface BitValues extends Values {
  readonly bits: Uint8Array;
}

/** Texts or bytes. The value of row i lies between offset i and offset i + 1. */
export interface TextValues extends Values {
  readonly offsets: Int32Array;
  readonly data: Buffer;
  /** True if some row may not be UTF-8. Then each row must be checked. */
  readonly isSuspect: boolean;
}

export interface ListValues extends Values {
  readonly offsets: Int32Array;
  /** Columns with one column, `item`. */
  readonly items: Columns;
}

/** The columns of a batch, or of the items of one of its lists. */
export class Columns {
  readonly rows: number;
  readonly #batch: ArrowBatch;
  readonly #prefix: string;

  constructor(batch: ArrowBatch, rows = batch.rows, prefix = '') {
    this.#batch = batch;
    this.rows = rows;
    this.#prefix = prefix;
  }

  /** Returns only the validity of a column. */
  presence(name: string): Values {
    const { column, ...values } = this.#find(name);
    return values;
  }

  /** Returns a column of numbers of 4 or 8 bytes. */
  numbers(name: string, valueBytes: number): NumberValues {
    const { column, ...values } = this.#find(name);
    const bytes = this.rows * valueBytes;
    demand(column.data.length >= bytes, values.name, 'its values are cut short');
    return { ...values, words: toWords(column.data.subarray(0, bytes)) };
  }

  bits(name: string): BitValues {
    const { column, ...values } = this.#find(name);
    demand(column.data.length * 8 >= this.rows, values.name, 'its values are cut short');
    return { ...values, bits: column.data };
  }

  texts(name: string): TextValues {
    const values = this.binaries(name);
    const { offsets, data } = values;
    const bytes = data.subarray(offsets[0], offsets[this.rows]);
    if (isAscii(bytes)) return values;
    return { ...values, isSuspect: !isUtf8(bytes) || isCutInCharacter(offsets, data) };
  }

  binaries(name: string): TextValues {
    const { column, ...values } = this.#find(name);
    const offsets = checkedOffsets(column, this.rows, values.name);
    const isInside = offsets[this.rows]! <= column.data.length;
    demand(isInside, values.name, 'its values are cut short');
    const { buffer, byteOffset, length } = column.data;
    const data = Buffer.from(buffer, byteOffset, length);
    return { ...values, offsets, data, isSuspect: false };
  }

  list(name: string): ListValues {
    const { column, ...values } = this.#find(name);
    const offsets = checkedOffsets(column, this.rows, values.name);
    const items = new Columns(this.#batch, offsets[this.rows]!, `${values.name}.`);
    return { ...values, offsets, items };
  }

  /** Returns the members of a struct column. A struct is never NULL. */
  struct(name: string): Columns {
    return new Columns(this.#batch, this.rows, `${this.#prefix}${name}.`);
  }

  #find(shortName: string): Values & { readonly column: ArrowColumn } {
    const name = this.#prefix + shortName;
    const column = this.#batch.column(name);
    if (column === undefined) throw new CellFault(name, 'the batch has no such column');
    const { validity } = column;
    const isLong = validity === undefined || validity.length * 8 >= this.rows;
    demand(isLong, name, 'its validity is cut short');
    return { name, validity, column };
  }
}

export function isNull({ validity }: Values, row: number): boolean {
  return validity !== undefined && ((validity[row >> 3]! >> (row & 7)) & 1) === 0;
}

/** True if any row has a byte of text, or an item. */
export function hasContent({ offsets }: { readonly offsets: Int32Array }, rows: number): boolean {
  return offsets[rows] !== offsets[0];
}

/** Throws a CellFault if the row is not UTF-8. */
export function checkText(texts: TextValues, row: number): void {
  const { name, offsets, data } = texts;
  const isSound = isUtf8(data.subarray(offsets[row], offsets[row + 1]));
  demand(isSound, name, 'the text is not UTF-8');
}

function checkedOffsets(column: ArrowColumn, rows: number, name: string): Int32Array {
  const { offsets } = column;
  if (offsets === undefined || offsets.length <= rows) {
    throw new CellFault(name, 'its offsets are cut short');
  }
  // The sign bit of `steps` is set if the first offset or any step is negative.
  let steps = offsets[0]!;
  for (let row = 0; row < rows; row++) steps |= offsets[row + 1]! - offsets[row]!;
  demand(steps >= 0, name, 'its offsets fall');
  return offsets;
}

/**
 * True if a text begins within a character. This can be so even if all texts together are UTF-8.
 */
function isCutInCharacter(offsets: Int32Array, data: Buffer): boolean {
  return offsets.some((offset) => offset < data.length && (data[offset]! & 0xc0) === 0x80);
}

/**
 * Returns the bytes as words. Words must be aligned, and a decompressor's output may lie at any
 * address, so it is copied if necessary.
 */
function toWords(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

function demand(condition: boolean, column: string, what: string): void {
  if (!condition) throw new CellFault(column, what);
}
