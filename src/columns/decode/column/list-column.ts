/** A column of lists of structs: offsets into a table of its own. */

import { RowArray } from '../memory/row-array.ts';
import { Column } from './column.ts';
import { addOffsets, addZeros, int32Content } from './cut-table.ts';
import { Table } from './table.ts';
import { addNotNull } from './validity.ts';

@final
export class ListColumn extends Column {
  private items: Table;
  private offsets: RowArray = new RowArray(4);

  constructor(items: Table) {
    super();
    this.items = items;
  }

  /** Ends the row: the items that were added since the previous row belong to it. */
  endRow(row: u32): void {
    this.setOffset(row + 1, this.items.rows);
  }

  setCapacity(rowCapacity: u32, rows: u32): bool {
    if (!this.items.isOpen() && !this.items.open()) return false;
    if (!this.offsets.setCapacity(rowCapacity + 1, rows + 1)) return false;
    if (rows === 0) this.setOffset(0, 0);
    return true;
  }

  truncate(rows: u32): void {
    this.items.truncate(load<u32>(this.offsets.address + ((<usize>rows) << 2)));
  }

  heldBytes(rows: u32): u64 {
    return (<u64>rows + 1) * 4 + this.items.heldBytes();
  }

  cutBytes(rows: u32): u64 {
    return this.items.cutBytes();
  }

  cut(rows: u32): void {
    addNotNull(rows);
    if (this.items.rows === 0) addZeros((rows + 1) * 4, int32Content);
    else addOffsets(this.offsets.address, rows);
    addNotNull(this.items.rows);
    this.items.cut();
  }

  reset(): void {
    this.items.reset();
    this.setOffset(0, 0);
  }

  private setOffset(row: u32, value: u32): void {
    store<u32>(this.offsets.address + ((<usize>row) << 2), value);
  }
}
