/** A column of numbers that most kinds of rows lack: 0 unless set. */

import { Wire } from '../wire/wire-reader.ts';
import { Column } from './column.ts';
import { addZeros } from './cut-table.ts';
import { addNumbers } from './fixed-column.ts';
import { SparseRows } from './sparse-rows.ts';
import { addNotNull } from './validity.ts';

export class SparseColumn extends Column {
  private values: SparseRows;
  /** 4 or 8; the cut table uses the same number for `content`. */
  private widthBytes: u32;

  constructor(widthBytes: u32) {
    super();
    this.values = new SparseRows(widthBytes);
    this.widthBytes = widthBytes;
  }

  setUint64(row: u32, value: u64): void {
    store<u64>(this.values.place(row), value);
  }

  /** Reads a fixed64 field or a double. */
  readFixed64(row: u32, end: usize): void {
    store<u64>(this.values.place(row), Wire.readFixed64(end));
  }

  /** Reads a uint32 field. */
  readVarint32(row: u32, end: usize): void {
    store<u32>(this.values.place(row), Wire.readVarint32(end));
  }

  /** Reads a sint32 field. On the wire 0, -1, 1, -2, … are 0, 1, 2, 3, … */
  readZigzag32(row: u32, end: usize): void {
    const written = Wire.readVarint32(end);
    store<u32>(this.values.place(row), (written >>> 1) ^ -(written & 1));
  }

  setCapacity(rowCapacity: u32, rows: u32): bool {
    return this.values.setCapacity(rowCapacity, rows);
  }

  truncate(rows: u32): void {
    this.values.truncate(rows);
  }

  heldBytes(rows: u32): u64 {
    return <u64>rows * this.widthBytes;
  }

  cutBytes(rows: u32): u64 {
    return 0;
  }

  cut(rows: u32): void {
    this.cutValidity(rows);
    if (this.values.isUnset) addZeros(rows * this.widthBytes, this.widthBytes);
    else addNumbers(this.values.address(rows), rows, this.widthBytes);
  }

  reset(): void {
    this.values.truncate(0);
  }

  protected cutValidity(rows: u32): void {
    addNotNull(rows);
  }
}
