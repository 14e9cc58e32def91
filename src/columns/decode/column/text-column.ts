/** A column of text or bytes of any length: offsets, and the bytes that they point into. */
import { ByteBuffer, columnBytesMax } from '../memory/byte-buffer.ts';
import { RowArray } from '../memory/row-array.ts';
import { appendText } from '../text/utf8.ts';
import { position } from '../wire/cursor.ts';
import { Wire } from '../wire/wire-reader.ts';
import { Column } from './column.ts';
import {
  addOffsets,
  addPlain,
  addZeros,
  bytesContent,
  int32Content,
  scratchBytesFor,
} from './cut-table.ts';
import { addNotNull, addNullWhenEmpty, bitmapBytes } from './validity.ts';

/*
 * The text of row i lies between offset i and offset i + 1. While row i is being written, its text
 * is everything behind offset i; `endRow` writes offset i + 1. So a field that occurs twice is cut
 * back to offset i, and removing rows means cutting the text back to the first removed offset.
 */

export class TextColumn extends Column {
  text: ByteBuffer;
  offsets: RowArray = new RowArray(4);
  /** True if the empty text stands for NULL. */
  private isNullable: bool;
  /** 1 if each byte becomes two hex digits at the cut, which the offsets count already; else 0. */
  protected hexShift: u32;

  constructor(textBytes: u32, isNullable: bool = false, hexShift: u32 = 0) {
    super();
    this.isNullable = isNullable;
    this.hexShift = hexShift;
    this.text = new ByteBuffer(textBytes, columnBytesMax >>> hexShift);
  }

  /** Reads a string field. If the field occurs several times, the last one counts. */
  readText(row: u32, end: usize): void {
    const address = Wire.readContent(end);
    this.startRow(row);
    appendText(this.text, address, <u32>(position - address));
  }

  /** Removes what the row has so far. */
  @inline
  startRow(row: u32): void {
    this.text.bytes = this.offset(row) >>> this.hexShift;
  }

  @inline
  endRow(row: u32): void {
    this.setOffset(row + 1, this.text.bytes << this.hexShift);
  }

  isEmptyRow(row: u32): bool {
    return this.text.bytes << this.hexShift === this.offset(row);
  }

  setCapacity(rowCapacity: u32, rows: u32): bool {
    if (this.text.capacity === 0) this.text.open();
    if (!this.offsets.setCapacity(rowCapacity + 1, rows + 1)) return false;
    if (rows === 0) this.setOffset(0, 0);
    return true;
  }

  truncate(rows: u32): void {
    this.startRow(rows);
  }

  heldBytes(rows: u32): u64 {
    const bitmap = this.isNullable ? bitmapBytes(rows) : 0;
    const textBytes = (<u64>this.text.bytes) << this.hexShift;
    return textBytes + (<u64>rows + 1) * 4 + bitmap;
  }

  cutBytes(rows: u32): u64 {
    return this.isNullable ? scratchBytesFor(bitmapBytes(rows)) : 0;
  }

  cut(rows: u32): void {
    this.cutValidity(rows);
    if (this.text.bytes === 0) addZeros((rows + 1) * 4, int32Content);
    else addOffsets(this.offsets.address, rows);
    this.cutText();
  }

  reset(): void {
    this.text.reset();
    this.setOffset(0, 0);
  }

  protected cutValidity(rows: u32): void {
    if (this.isNullable) addNullWhenEmpty(this.offsets.address, rows);
    else addNotNull(rows);
  }

  protected cutText(): void {
    addPlain(this.text.address, this.text.bytes, bytesContent);
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
