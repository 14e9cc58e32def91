/** The value of a number point or an exemplar, a double or an int, in three columns. */
import { EnumColumn } from '../column/enum-column.ts';
import { OptionalDoubleColumn } from '../column/optional-double-column.ts';
import { SparseColumn } from '../column/sparse-column.ts';
import { Wire } from '../wire/wire-reader.ts';

/** Names by number. A row without a name has no value. */
export const valueTypeNames: StaticArray<string> = ['int', 'double'];
const intType: i32 = 0;
const doubleType: i32 = 1;

@final
export class NumberValue {
  private value: OptionalDoubleColumn;
  private type: EnumColumn;
  private int: SparseColumn;

  constructor(value: OptionalDoubleColumn, type: EnumColumn, int: SparseColumn) {
    this.value = value;
    this.type = type;
    this.int = int;
  }

  /** Reads the member as_double. If several members occur, the last one counts. */
  readDouble(row: u32, end: usize): void {
    this.value.readDouble(row, end);
    if (!this.type.isEmptyRow(row)) this.int.setUint64(row, 0);
    this.type.setNumber(row, doubleType);
  }

  /** Reads the member as_int. It is stored exactly, and also as the nearest double. */
  readInt(row: u32, end: usize): void {
    const int = <i64>Wire.readFixed64(end);
    this.value.setDouble(row, <f64>int);
    this.int.setUint64(row, <u64>int);
    this.type.setNumber(row, intType);
  }

  endRow(row: u32): void {
    this.type.endRow(row);
  }
}
