/** The value of number points and exemplars, a double or an int, in three columns. */
import { EnumColumn } from '../column/enum-column.ts';
import { OptionalDoubleColumn } from '../column/optional-double-column.ts';
import { SparseColumn } from '../column/sparse-column.ts';
import { Wire } from '../wire/wire-reader.ts';

/** By number; a row with none of them has no value. */
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

  /** Takes the member as_double. Of several members the last one stands. */
  readDouble(row: u32, end: usize): void {
    this.value.readDouble(row, end);
    if (!this.type.isEmptyRow(row)) this.int.setUint64(row, 0);
    this.type.setNumber(row, doubleType);
  }

  /** Takes the member as_int: exactly, and as the double nearest to it. */
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
