/** A column of enum values by name. A number without a name is written as decimal text. */
import { appendInteger } from '../text/decimal-text.ts';
import { Wire } from '../wire/wire-reader.ts';
import { TextColumn } from './text-column.ts';

@final
export class EnumColumn extends TextColumn {
  private names: StaticArray<string>;

  /** The names of 0, 1, 2, …; no name is empty, so the empty text is free to mean NULL. */
  constructor(names: StaticArray<string>, textBytes: u32, isNullable: bool) {
    super(textBytes, isNullable);
    this.names = names;
  }

  /** Reads an enum field. If the field occurs several times, the last one counts. */
  readNumber(row: u32, end: usize): void {
    this.setNumber(row, <i32>Wire.readVarint32(end));
  }

  setNumber(row: u32, number: i32): void {
    this.startRow(row);
    if (<u32>number < <u32>this.names.length) this.text.appendAscii(this.names[number]);
    else appendInteger(this.text, number);
  }

  /** Ends the row. If nothing has been written to it, it gets the name of 0. */
  endRowNotNull(row: u32): void {
    if (this.isEmptyRow(row)) this.setNumber(row, 0);
    this.endRow(row);
  }
}
