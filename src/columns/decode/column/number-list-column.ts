/** A column of lists of 64-bit numbers. */
import { ByteBuffer } from '../memory/byte-buffer.ts';
import { RowArray } from '../memory/row-array.ts';
import { fail, malformed, position } from '../wire/cursor.ts';
import { Wire } from '../wire/wire-reader.ts';
import { Column } from './column.ts';
import { addOffsets, addPlain, addZeros, int32Content, int64Content } from './cut-table.ts';
import { Presence } from './presence.ts';
import { addNotNull } from './validity.ts';

/*
 * The numbers of row i lie between offset i and offset i + 1. Offsets are written up to the current
 * row: the numbers behind its offset are its own. Rows that were never started are empty, or NULL
 * if the column is nullable.
 */

const numberBytes: u32 = 8;
const numberBits: u32 = 3;

@final
export class NumberListColumn extends Column {
  private numbers: ByteBuffer;
  private offsets: RowArray = new RowArray(4);
  /** The row whose list is being written. */
  private row: u32 = 0;
  private isNullable: bool;
  private presence: Presence = new Presence();

  constructor(numbersAtStart: u32, isNullable: bool = false) {
    super();
    this.numbers = new ByteBuffer(numbersAtStart * numberBytes);
    this.isNullable = isNullable;
  }

  /** Begins or continues the list of a row. */
  startRow(row: u32): void {
    this.writeOffsets(row);
    if (this.isNullable) this.presence.set(row, true);
  }

  /** Reads one fixed64 or double into the current row. */
  readFixed64(end: usize): void {
    this.append(Wire.readFixed64(end));
  }

  /** Reads a packed field into the current row. */
  readPackedFixed64(end: usize): void {
    const address = Wire.readContent(end);
    const bytes = <u32>(position - address);
    if ((bytes & (numberBytes - 1)) === 0) this.numbers.append(address, bytes);
    else fail(malformed);
  }

  /** Reads one uint64 into the current row. */
  readVarint(end: usize): void {
    this.append(Wire.readVarint(end));
  }

  /** Reads a packed field into the current row. */
  readPackedVarint(end: usize): void {
    const contentEnd = Wire.readContentEnd(end);
    while (position < contentEnd) this.append(Wire.readVarint(contentEnd));
  }

  setCapacity(rowCapacity: u32, rows: u32): bool {
    if (this.numbers.capacity === 0) this.numbers.open();
    if (this.isNullable && !this.presence.setCapacity(rowCapacity, rows)) return false;
    if (!this.offsets.setCapacity(rowCapacity + 1, rows + 1)) return false;
    if (rows === 0) this.setOffset(0, 0);
    return true;
  }

  truncate(rows: u32): void {
    this.presence.truncate(rows);
    if (this.row < rows) return;
    this.row = rows;
    this.numbers.bytes = this.offset(rows) << numberBits;
  }

  heldBytes(rows: u32): u64 {
    const bitmap = this.isNullable ? this.presence.heldBytes(rows) : 0;
    return <u64>this.numbers.bytes + (<u64>rows + 1) * 4 + bitmap;
  }

  cutBytes(rows: u32): u64 {
    return this.isNullable ? this.presence.cutBytes(rows) : 0;
  }

  cut(rows: u32): void {
    if (this.isNullable) this.presence.cut(rows);
    else addNotNull(rows);
    const bytes = this.numbers.bytes;
    this.writeOffsets(rows);
    if (bytes === 0) addZeros((rows + 1) * 4, int32Content);
    else addOffsets(this.offsets.address, rows);
    addNotNull(bytes >>> numberBits);
    addPlain(this.numbers.address, bytes, int64Content);
  }

  reset(): void {
    this.numbers.reset();
    this.presence.truncate(0);
    this.row = 0;
    this.setOffset(0, 0);
  }

  private append(value: u64): void {
    if (!this.numbers.reserve(numberBytes)) return;
    store<u64>(this.numbers.end, value);
    this.numbers.bytes += numberBytes;
  }

  /** Writes the offsets up to `row`: all numbers so far belong to earlier rows. */
  private writeOffsets(row: u32): void {
    const count = this.numbers.bytes >>> numberBits;
    while (this.row < row) this.setOffset(++this.row, count);
  }

  @inline
  private offset(row: u32): u32 {
    return load<u32>(this.offsets.address + ((<usize>row) << 2));
  }

  @inline
  private setOffset(row: u32, value: u32): void {
    store<u32>(this.offsets.address + ((<usize>row) << 2), value);
  }
}
