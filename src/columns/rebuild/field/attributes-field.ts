/** Attributes: repeated KeyValue, from a column that holds one JSON object for each row. */
import { type Columns, isNull, type TextValues } from '../column/columns.ts';
import { writeAttributes } from '../value/any-value.ts';
import { bytesType, type WireWriter } from '../wire/wire-writer.ts';
import type { Field } from './field.ts';

export function attributes(number: number, column: string): Field {
  return new AttributesField((number << 3) | bytesType, column);
}

class AttributesField implements Field {
  readonly #tag: number;
  readonly #column: string;
  #texts!: TextValues;

  constructor(tag: number, column: string) {
    this.#tag = tag;
    this.#column = column;
  }

  load(columns: Columns): boolean {
    this.#texts = columns.texts(this.#column);
    return true;
  }

  write(out: WireWriter, row: number): void {
    if (!isNull(this.#texts, row)) writeAttributes(out, this.#tag, this.#texts, row);
  }
}
