/** A buffer of bytes that grows at its end. */
import { fail, tooLarge } from '../wire/cursor.ts';
import { allocate, free } from './heap.ts';
import { mayHold } from './held-bytes.ts';
import { UsualSize } from './usual-size.ts';

/**
 * Bytes behind the capacity that a write may touch. Text is copied 16 bytes at a time whatever its
 * length, and the next write overwrites what lies behind the text.
 */
export const slackBytes: u32 = 64;

/**
 * Less than the largest int32, which is the type of Arrow's offsets. The distance leaves room for
 * what a reader may add to an offset.
 */
export const columnBytesMax: u32 = 0x7fff0000;

/** 32 bits in groups of 7. */
const varintBytesMax: u32 = 5;

@final
export class ByteBuffer {
  address: usize = 0;
  bytes: u32 = 0;
  capacity: u32 = 0;
  private usualBytes: UsualSize;
  private bytesMax: u32;

  constructor(bytesAtStart: u32, bytesMax: u32 = columnBytesMax) {
    this.usualBytes = new UsualSize(bytesAtStart);
    this.bytesMax = bytesMax;
  }

  /** Allocates the initial memory. */
  open(): void {
    this.moveInto(this.usualBytes.atStart);
  }

  /**
   * Makes room for `moreBytes` more bytes and the slack. Returns false, and sets a failure, if
   * there is none.
   */
  @inline
  reserve(moreBytes: u32): bool {
    return this.capacity - this.bytes >= moreBytes || this.grow(moreBytes);
  }

  /** The address behind the last byte. */
  @inline
  get end(): usize {
    return this.address + this.bytes;
  }

  /** Appends the bytes that the caller has written behind the last byte, up to `end`. */
  @inline
  set end(end: usize) {
    this.bytes = <u32>(end - this.address);
  }

  @inline
  append(address: usize, bytes: u32): void {
    if (!this.reserve(bytes)) return;
    copyChunks(this.end, address, bytes);
    this.bytes += bytes;
  }

  @inline
  appendByte(byte: u32): void {
    if (!this.reserve(1)) return;
    store<u8>(this.end, byte);
    this.bytes++;
  }

  /** Appends a number as protobuf writes tags and lengths. */
  appendVarint(value: u32): void {
    if (!this.reserve(varintBytesMax)) return;
    let target = this.end;
    for (; value >= 0x80; value >>>= 7) store<u8>(target++, value | 0x80);
    store<u8>(target++, value);
    this.end = target;
  }

  /** Appends a constant text of ASCII characters. */
  appendAscii(text: string): void {
    if (!this.reserve(<u32>text.length)) return;
    const target = this.end;
    for (let i = 0; i < text.length; i++) store<u8>(target + i, <u8>text.charCodeAt(i));
    this.bytes += <u32>text.length;
  }

  /** Empties the buffer, and frees memory that only a burst has needed. */
  reset(): void {
    const capacity = this.usualBytes.capacityAfter(this.bytes, this.capacity);
    this.bytes = 0;
    if (capacity < this.capacity) this.startOver(capacity);
  }

  private grow(moreBytes: u32): bool {
    const wanted = <u64>this.bytes + moreBytes;
    if (wanted <= this.bytesMax && mayHold(moreBytes)) {
      const doubled = min(max(wanted, (<u64>this.capacity) << 1), this.bytesMax);
      if (this.moveInto(<u32>doubled) || this.moveInto(<u32>wanted)) return true;
    }
    fail(tooLarge);
    return false;
  }

  /** Frees the memory before it allocates less, so that the new block can lie in the old one. */
  private startOver(capacity: u32): void {
    free(this.address);
    this.address = 0;
    this.capacity = 0;
    this.moveInto(capacity);
  }

  private moveInto(capacity: u32): bool {
    const address = allocate(capacity + slackBytes);
    if (address === 0) return false;
    memory.copy(address, this.address, this.bytes);
    free(this.address);
    this.address = address;
    this.capacity = capacity;
    return true;
  }
}

/** Copies 16 bytes at a time. Behind the source and the target there must be 15 bytes of memory. */
export function copyChunks(target: usize, source: usize, bytes: u32): void {
  for (let i: u32 = 0; i < bytes; i += 16) v128.store(target + i, v128.load(source + i));
}
