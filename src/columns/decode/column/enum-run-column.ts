/** A run column of enum values by name. A number without a name is written as decimal text. */
import { appendInteger } from '../text/decimal-text.ts';
import { TextRunColumn } from './text-run-column.ts';

@final
export class EnumRunColumn extends TextRunColumn {
  private names: StaticArray<string>;

  /** The names of 0, 1, 2, … */
  constructor(names: StaticArray<string>, valuesBytes: u32) {
    super(valuesBytes);
    this.names = names;
  }

  /** Appends `count` rows with the name of this number. */
  appendNumber(count: u32, number: i32): void {
    if (<u32>number < <u32>this.names.length) {
      this.appendAscii(count, this.names[number]);
    } else {
      appendInteger(this.values, number);
      this.endRun(count, false);
    }
  }
}
