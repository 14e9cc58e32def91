/**
 * One part of `otlp_extra`: the pieces of the frame that it consists of, for each row of a request.
 */
import { ByteBuffer } from '../memory/byte-buffer.ts';
import { failure } from '../wire/cursor.ts';

/*
 * A piece has 12 bytes:
 *
 *     0       4           8        12
 *     ┌───────┬───────────┬────────┐
 *     │ row   │ address   │ bytes  │
 *     └───────┴───────────┴────────┘
 *
 * 1. Rows are in ascending order. The pieces of a row, one after the other, are its part.
 * 2. A row with a piece has the part, even if the piece is empty.
 */

const pieceBytes: u32 = 12;

/** Room for some dozen pieces; allocated when the first piece is added. */
const piecesBytesAtStart: u32 = 1024;

/** Bytes that the pieces of all parts take; 0 for a regular request. */
export let notedBytes: u32 = 0;

@final
export class ExtraPart {
  private tag: u32;
  private pieces: ByteBuffer = new ByteBuffer(piecesBytesAtStart);
  /** Offset of the first piece that has not been appended to the column yet. */
  private next: u32 = 0;

  constructor(tag: u32) {
    this.tag = tag;
  }

  add(row: u32, address: usize, bytes: u32): void {
    if (failure !== 0 || !this.pieces.reserve(pieceBytes)) return;
    const piece = this.pieces.end;
    store<u32>(piece, row);
    store<u32>(piece, <u32>address, 4);
    store<u32>(piece, bytes, 8);
    this.pieces.bytes += pieceBytes;
    notedBytes += pieceBytes;
  }

  /** Removes the pieces of `row` and of later rows. */
  truncate(row: u32): void {
    while (this.pieces.bytes > 0 && load<u32>(this.pieces.end - pieceBytes) >= row) {
      this.pieces.bytes -= pieceBytes;
      notedBytes -= pieceBytes;
    }
  }

  /** True if the next piece belongs to the row. */
  isNext(row: u32): bool {
    return this.next < this.pieces.bytes && load<u32>(this.pieces.address + this.next) === row;
  }

  /** Appends the row's pieces as a field of bytes; their addresses count from `base`. */
  appendBytes(out: ByteBuffer, base: usize): void {
    const first = this.pieces.address + this.next;
    this.next = this.endOfRow(this.next);
    const end = this.pieces.address + this.next;
    let length: u32 = 0;
    for (let piece = first; piece < end; piece += pieceBytes) length += load<u32>(piece, 8);
    out.appendVarint(this.tag);
    out.appendVarint(length);
    for (let piece = first; piece < end; piece += pieceBytes)
      out.append(base + load<u32>(piece, 4), load<u32>(piece, 8));
  }

  /** Appends a bool field with the value true. */
  appendTrue(out: ByteBuffer): void {
    out.appendVarint(this.tag);
    out.appendVarint(1);
    this.next = this.endOfRow(this.next);
  }

  /** Removes all pieces. */
  clear(): void {
    notedBytes -= this.pieces.bytes;
    this.pieces.bytes = 0;
    this.next = 0;
  }

  /** Frees memory that only a burst has needed. Call it when there is no piece. */
  release(): void {
    this.pieces.reset();
  }

  /** Returns the offset behind the pieces of the row whose first piece is at `first`. */
  private endOfRow(first: u32): u32 {
    const row = load<u32>(this.pieces.address + first);
    let end = first + pieceBytes;
    while (end < this.pieces.bytes && load<u32>(this.pieces.address + end) === row)
      end += pieceBytes;
    return end;
  }
}
