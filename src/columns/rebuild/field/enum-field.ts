/** Fields of enums, and other information that columns hold by name. */
import { CellFault } from '../column/cell-fault.ts';
import { type Columns, isNull, type TextValues } from '../column/columns.ts';
import { varintType, type WireWriter } from '../wire/wire-writer.ts';
import type { Field } from './field.ts';

/** A number without a name is stored as decimal text. */
const decimalPattern = /^-?\d{1,10}$/;

/** Names of the numbers 0, 1, 2, … */
export function enumeration(number: number, column: string, names: readonly string[]): Field {
  return new EnumField((number << 3) | varintType, new EnumNames(column, names));
}

export class EnumNames {
  readonly #column: string;
  readonly #names: readonly Uint8Array[];
  #texts!: TextValues;

  /** Names of the numbers 0, 1, 2, … */
  constructor(column: string, names: readonly string[]) {
    this.#column = column;
    this.#names = names.map((name) => Buffer.from(name, 'latin1'));
  }

  load(columns: Columns): void {
    this.#texts = columns.binaries(this.#column);
  }

  isNull(row: number): boolean {
    return isNull(this.#texts, row);
  }

  /**
   * Returns the index of the row's name; undefined for NULL. Throws a CellFault for any other text.
   */
  place(row: number): number | undefined {
    if (isNull(this.#texts, row)) return undefined;
    const place = this.#find(row);
    if (place < 0) throw this.#fault('the name is unknown');
    return place;
  }

  /**
   * Returns the row's number; 0 for NULL. The text may also be a decimal number without a name; for
   * any other text it throws a CellFault.
   */
  number(row: number): number {
    if (isNull(this.#texts, row)) return 0;
    const place = this.#find(row);
    return place < 0 ? this.#decimal(row) : place;
  }

  #find(row: number): number {
    const { offsets, data } = this.#texts;
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    for (let place = 0; place < this.#names.length; place++) {
      if (equals(this.#names[place]!, data, start, end)) return place;
    }
    return -1;
  }

  #decimal(row: number): number {
    const { offsets, data } = this.#texts;
    const text = data.toString('latin1', offsets[row], offsets[row + 1]);
    const number = Number(text);
    const isInt32 = decimalPattern.test(text) && number === (number | 0);
    if (!isInt32) throw this.#fault('neither a name nor a number');
    return number;
  }

  #fault(what: string): CellFault {
    return new CellFault(this.#texts.name, what);
  }
}

class EnumField implements Field {
  readonly #tag: number;
  readonly #names: EnumNames;

  constructor(tag: number, names: EnumNames) {
    this.#tag = tag;
    this.#names = names;
  }

  load(columns: Columns): boolean {
    this.#names.load(columns);
    return true;
  }

  write(out: WireWriter, row: number): void {
    const number = this.#names.number(row);
    if (number !== 0) out.writeInt32(this.#tag, number);
  }
}

function equals(name: Uint8Array, data: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let index = 0; index < name.length; index++) {
    if (name[index] !== data[start + index]) return false;
  }
  return true;
}
