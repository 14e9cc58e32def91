/**
 * Remembers which rows have a value, for columns in which every value is possible and none can
 * stand for NULL.
 */
import { scratchBytesFor } from './cut-table.ts';
import { SparseRows } from './sparse-rows.ts';
import { addAllNull, addNullWhenUnset, bitmapBytes } from './validity.ts';

@final
export class Presence {
  /** A byte for each row; the cut turns them into bits. */
  private flags: SparseRows = new SparseRows(1);

  /** Sets whether a row has a value. A row that is not set has none. */
  @inline
  set(row: u32, isThere: bool): void {
    store<u8>(this.flags.place(row), isThere);
  }

  setCapacity(rowCapacity: u32, rows: u32): bool {
    return this.flags.setCapacity(rowCapacity, rows);
  }

  truncate(rows: u32): void {
    this.flags.truncate(rows);
  }

  heldBytes(rows: u32): u64 {
    return bitmapBytes(rows);
  }

  cutBytes(rows: u32): u64 {
    return scratchBytesFor(bitmapBytes(rows));
  }

  /** Adds the column's node and bitmap. */
  cut(rows: u32): void {
    if (this.flags.isUnset) addAllNull(rows);
    else addNullWhenUnset(this.flags.address(rows), rows);
  }
}
