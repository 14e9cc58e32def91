/** A column of numbers of a fixed width. It is never NULL, and 0 unless set. */

import { RowArray } from '../memory/row-array.ts';
import { Wire } from '../wire/wire-reader.ts';
import { Column } from './column.ts';
import { addPlain, addZeros } from './cut-table.ts';
import { addNotNull } from './validity.ts';

export class FixedColumn extends Column {
  protected values: RowArray;
  /** 4 or 8; the cut table uses the same number for `content`. */
  protected widthBytes: u32;

  constructor(widthBytes: u32) {
    super();
    this.widthBytes = widthBytes;
    this.values = new RowArray(widthBytes);
  }

  @inline
  setUint32(row: u32, value: u32): void {
    store<u32>(this.values.address + ((<usize>row) << 2), value);
  }

  @inline
  setUint64(row: u32, value: u64): void {
    store<u64>(this.values.address + ((<usize>row) << 3), value);
  }

  @inline
  getUint64(row: u32): u64 {
    return load<u64>(this.values.address + ((<usize>row) << 3));
  }

  /** Reads a uint32 field. */
  readVarint32(row: u32, end: usize): void {
    this.setUint32(row, Wire.readVarint32(end));
  }

  /** Reads a fixed32 field. */
  readFixed32(row: u32, end: usize): void {
    this.setUint32(row, Wire.readFixed32(end));
  }

  setCapacity(rowCapacity: u32, rows: u32): bool {
    return this.values.setCapacity(rowCapacity, rows);
  }

  truncate(rows: u32): void {}

  heldBytes(rows: u32): u64 {
    return <u64>rows * this.widthBytes;
  }

  cutBytes(rows: u32): u64 {
    return 0;
  }

  cut(rows: u32): void {
    addNotNull(rows);
    this.cutValues(rows);
  }

  reset(): void {}

  protected cutValues(rows: u32): void {
    addNumbers(this.values.address, rows, this.widthBytes);
  }
}

/** Adds the buffer of `count` numbers of 4 or 8 bytes. */
export function addNumbers(address: usize, count: u32, widthBytes: u32): void {
  const bytes = count * widthBytes;
  if (isZero(address, bytes)) addZeros(bytes, widthBytes);
  else addPlain(address, bytes, widthBytes);
}

/** True if all `bytes` bytes are 0. */
export function isZero(address: usize, bytes: u32): bool {
  let left = bytes;
  for (; left >= 16; left -= 16) {
    if (v128.any_true(v128.load(address))) return false;
    address += 16;
  }
  for (; left > 0; left--) if (load<u8>(address++) !== 0) return false;
  return true;
}
