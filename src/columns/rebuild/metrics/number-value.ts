/**
 * The value of a number point or an exemplar: a double, an int or none, according to `value_type`.
 */
import type { Columns, NumberValues } from '../column/columns.ts';
import { EnumNames } from '../field/enum-field.ts';
import type { Field } from '../field/field.ts';
import { fixed64Type, type WireWriter } from '../wire/wire-writer.ts';

const typeNames = ['int', 'double'];
const intPlace = 0;
const doublePlace = 1;

export function valueAsDouble(number: number): Field {
  return new ValueField((number << 3) | fixed64Type, 'value', doublePlace);
}

/** The member as_int, an sfixed64. */
export function valueAsInt(number: number): Field {
  return new ValueField((number << 3) | fixed64Type, 'value_int', intPlace);
}

/** A member of a oneof is written even if its value is 0. */
class ValueField implements Field {
  readonly #tag: number;
  readonly #column: string;
  readonly #place: number;
  readonly #types = new EnumNames('value_type', typeNames);
  #values!: NumberValues;

  constructor(tag: number, column: string, place: number) {
    this.#tag = tag;
    this.#column = column;
    this.#place = place;
  }

  load(columns: Columns): boolean {
    this.#types.load(columns);
    this.#values = columns.numbers(this.#column, 8);
    return true;
  }

  write(out: WireWriter, row: number): void {
    if (this.#types.place(row) !== this.#place) return;
    const { words } = this.#values;
    out.writeFixed64(this.#tag, words[row * 2]!, words[row * 2 + 1]!);
  }
}
