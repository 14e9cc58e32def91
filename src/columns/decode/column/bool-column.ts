/** A column of booleans, NULL in rows that nobody has set. */
import { Column } from './column.ts';
import { addZeros, bytesContent, scratchBytesFor } from './cut-table.ts';
import { SparseRows } from './sparse-rows.ts';
import { addAllNull, addMarkedBits, addNullWhenUnset, bitmapBytes } from './validity.ts';

/** Values of a row's byte; 0 is NULL. */
const falseMark: u8 = 1;
const trueMark: u8 = 2;

@final
export class BoolColumn extends Column {
  private marks: SparseRows = new SparseRows(1);

  /** Sets `rows` rows, beginning with `firstRow`. */
  fill(firstRow: u32, rows: u32, value: bool): void {
    memory.fill(this.marks.place(firstRow, rows), value ? trueMark : falseMark, rows);
  }

  setCapacity(rowCapacity: u32, rows: u32): bool {
    return this.marks.setCapacity(rowCapacity, rows);
  }

  truncate(rows: u32): void {
    this.marks.truncate(rows);
  }

  heldBytes(rows: u32): u64 {
    return <u64>bitmapBytes(rows) * 2;
  }

  cutBytes(rows: u32): u64 {
    return <u64>scratchBytesFor(bitmapBytes(rows)) * 2;
  }

  cut(rows: u32): void {
    if (this.marks.isUnset) {
      addAllNull(rows);
      addZeros(bitmapBytes(rows), bytesContent);
    } else {
      const marks = this.marks.address(rows);
      addNullWhenUnset(marks, rows);
      addMarkedBits(marks, trueMark, rows);
    }
  }

  reset(): void {
    this.marks.truncate(0);
  }
}
