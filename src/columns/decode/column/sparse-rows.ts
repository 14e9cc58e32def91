/** A fixed number of bytes for each row, which are 0 in rows that nobody has set. */
import { RowArray } from '../memory/row-array.ts';

@final
export class SparseRows {
  private values: RowArray;
  private widthBytes: u32;
  /** Rows whose bytes are there; those of later rows are 0 and are not written yet. */
  private writtenRows: u32 = 0;

  constructor(widthBytes: u32) {
    this.values = new RowArray(widthBytes);
    this.widthBytes = widthBytes;
  }

  get isUnset(): bool {
    return this.writtenRows === 0;
  }

  /** Where the bytes of a row, or of several, go that are being set; all have to be written. */
  @inline
  place(row: u32, rows: u32 = 1): usize {
    if (row + rows > this.writtenRows) {
      if (row > this.writtenRows) this.writeUpTo(row);
      this.writtenRows = row + rows;
    }
    return this.values.address + <usize>row * this.widthBytes;
  }

  /** Where the bytes of the first `rows` rows are, all of which are written then. */
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
