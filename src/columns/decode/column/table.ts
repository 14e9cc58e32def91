/** A table of columns: a batch, or the structs of a list column. */

import { mayHold } from '../memory/held-bytes.ts';
import { UsualSize } from '../memory/usual-size.ts';
import { fail, tooLarge } from '../wire/cursor.ts';
import { Column } from './column.ts';

/*
 * 1. The row count is the only mark. A row exists once it is counted. So what a failed row or a
 *    refused frame has written is removed by reducing the count and truncating the columns.
 * 2. All columns have room for `rowCapacity` rows, so one check before a row serves all of them.
 * 3. The columns stand in the order of the Arrow schema.
 */

@final
export class Table {
  rows: u32 = 0;
  private rowCapacity: u32 = 0;
  private usualRows: UsualSize;
  private columns: Array<Column> = [];

  constructor(rowsAtStart: u32) {
    this.usualRows = new UsualSize(rowsAtStart);
  }

  /** Adds the next column of the schema. */
  add<T extends Column>(column: T): T {
    this.columns.push(column);
    return column;
  }

  /** Allocates the initial memory. Returns false if there is none. */
  open(): bool {
    return this.setCapacity(this.usualRows.atStart);
  }

  isOpen(): bool {
    return this.rowCapacity > 0;
  }

  /** Makes room for one more row. Returns false, and sets a failure, if there is none. */
  @inline
  reserveRow(): bool {
    return this.rows < this.rowCapacity || this.grow();
  }

  truncate(rows: u32): void {
    for (let i = 0; i < this.columns.length; i++) this.columns[i].truncate(rows);
    this.rows = rows;
  }

  heldBytes(): u64 {
    return this.heldBytesOf(this.rows);
  }

  cutBytes(): u64 {
    let bytes: u64 = 0;
    for (let i = 0; i < this.columns.length; i++) bytes += this.columns[i].cutBytes(this.rows);
    return bytes;
  }

  cut(): void {
    for (let i = 0; i < this.columns.length; i++) this.columns[i].cut(this.rows);
  }

  reset(): void {
    const rowCapacity = this.usualRows.capacityAfter(this.rows, this.rowCapacity);
    this.rows = 0;
    for (let i = 0; i < this.columns.length; i++) this.columns[i].reset();
    if (rowCapacity < this.rowCapacity) this.setCapacity(rowCapacity);
  }

  private grow(): bool {
    const rowBytes = this.heldBytesOf(this.rows + 1) - this.heldBytes();
    if (mayHold(rowBytes) && this.setCapacity(this.doubledCapacity())) return true;
    fail(tooLarge);
    return false;
  }

  private doubledCapacity(): u32 {
    return max(this.rowCapacity << 1, this.usualRows.atStart);
  }

  private heldBytesOf(rows: u32): u64 {
    let bytes: u64 = 0;
    for (let i = 0; i < this.columns.length; i++) bytes += this.columns[i].heldBytes(rows);
    return bytes;
  }

  /**
   * Sets the capacity of all columns. If one column cannot grow, others may have more room than
   * `rowCapacity`, but none has less.
   */
  private setCapacity(rowCapacity: u32): bool {
    this.rowCapacity = min(this.rowCapacity, rowCapacity);
    for (let i = 0; i < this.columns.length; i++) {
      if (!this.columns[i].setCapacity(rowCapacity, this.rows)) return false;
    }
    this.rowCapacity = rowCapacity;
    return true;
  }
}
