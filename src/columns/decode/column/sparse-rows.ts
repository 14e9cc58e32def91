/** An array with a fixed number of bytes for each row; they are 0 in rows that were never set. */
import { RowArray } from '../memory/row-array.ts';

@final
export class SparseRows {
  private values: RowArray;
  private widthBytes: u32;
  /** Number of rows whose bytes have been written. The bytes of later rows count as 0. */
  private writtenRows: u32 = 0;

  constructor(widthBytes: u32) {
    this.values = new RowArray(widthBytes);
    this.widthBytes = widthBytes;
  }

  get isUnset(): bool {
    return this.writtenRows === 0;
  }

  /**
   * Returns where the caller must write the bytes of `row`, or of several rows from there. It must
   * write all of them.
   */
  @inline
  place(row: u32, rows: u32 = 1): usize {
    if (row + rows > this.writtenRows) {
      if (row > this.writtenRows) this.writeUpTo(row);
      this.writtenRows = row + rows;
    }
    return this.values.address + <usize>row * this.widthBytes;
  }

  /**
   * Returns the address of the bytes of the first `rows` rows, after filling rows that were never
   * set with 0.
   */
  address(rows: u32): usize {
    this.writeUpTo(rows);
    return this.values.address;
  }

  setCapacity(rowCapacity: u32, rows: u32): bool {
    return this.values.setCapacity(rowCapacity, rows);
  }

  truncate(rows: u32): void {
    this.writtenRows = min(this.writtenRows, rows);
  }

  private writeUpTo(rows: u32): void {
    if (rows <= this.writtenRows) return;
    const start = this.values.address + <usize>this.writtenRows * this.widthBytes;
    memory.fill(start, 0, (rows - this.writtenRows) * this.widthBytes);
    this.writtenRows = rows;
  }
}
