/** Reads the primitives of the protobuf wire format at the cursor. */
import { fail, failedPosition, malformed, moveTo, position } from './cursor.ts';

/*
 * 1. Every read is bounded by `end`, the end of the innermost message. No byte behind it is ever
 *    used, and the cursor never passes it. So a loop `while (position < end)` over the fields of a
 *    message ends exactly at its end, or at `failedPosition`.
 * 2. A read after a failure returns 0, or `failedPosition` as the address of content, and loads
 *    nothing.
 * 3. Text is copied and compared 16 bytes at a time, so up to 15 bytes behind it, and behind the
 *    frame, are loaded. They are masked out or overwritten: no result depends on them. So the
 *    memory that holds a frame, such as a ring, must have 16 bytes of memory behind it.
 */

export const varintType: u32 = 0;
export const fixed64Type: u32 = 1;
export const bytesType: u32 = 2;
export const groupStartType: u32 = 3;
export const groupEndType: u32 = 4;
export const fixed32Type: u32 = 5;

/** 64 bits in groups of 7. */
const varintBytesMax: usize = 10;

/** Field 1 with wire type 0. A smaller tag would have the field number 0, which does not exist. */
const smallestTag: u32 = 1 << 3;

/**
 * This is a class only because AssemblyScript inlines methods on request, but not functions. The
 * three methods that are marked run for every field; calling them took a fifth of the decoder's
 * time.
 */
// biome-ignore lint/complexity/noStaticOnlyClass: see above.
export class Wire {
  /**
   * Reads a tag: field number x 8 + wire type. The caller has checked that the cursor is before
   * `end`.
   */
  @inline
  static readTag(end: usize): u32 {
    const byte = <u32>load<u8>(position);
    if (byte < 0x80 && byte >= smallestTag) {
      moveTo(position + 1);
      return byte;
    }
    return Wire.readLongTag(end);
  }

  private static readLongTag(end: usize): u32 {
    const tag = Wire.readVarint(end);
    if (tag >= smallestTag && tag <= u32.MAX_VALUE) return <u32>tag;
    fail(malformed);
    return 0;
  }

  @inline
  static readVarint(end: usize): u64 {
    if (position < end) {
      const byte = <u64>load<u8>(position);
      if (byte < 0x80) {
        moveTo(position + 1);
        return byte;
      }
    }
    return Wire.readLongVarint(end);
  }

  /** Drops bits beyond the 64th, as every protobuf reader does. */
  private static readLongVarint(end: usize): u64 {
    let value: u64 = 0;
    let shift: u64 = 0;
    let at = position;
    const last = at < end && end - at > varintBytesMax ? at + varintBytesMax : end;
    while (at < last) {
      const byte = <u64>load<u8>(at++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        moveTo(at);
        return value;
      }
      shift += 7;
    }
    fail(malformed);
    return 0;
  }

  /** The low 32 bits of a varint: uint32, int32 and enums. */
  static readVarint32(end: usize): u32 {
    return <u32>Wire.readVarint(end);
  }

  static readFixed64(end: usize): u64 {
    const at = position;
    if (at < end && end - at >= 8) {
      moveTo(at + 8);
      return load<u64>(at);
    }
    fail(malformed);
    return 0;
  }

  static readFixed32(end: usize): u32 {
    const at = position;
    if (at < end && end - at >= 4) {
      moveTo(at + 4);
      return load<u32>(at);
    }
    fail(malformed);
    return 0;
  }

  /**
   * Reads the length of a message and returns where its content ends. The content begins at the
   * cursor.
   */
  @inline
  static readContentEnd(end: usize): usize {
    const bytes = Wire.readVarint(end);
    if (position <= end && bytes <= <u64>(end - position)) return position + <usize>bytes;
    fail(malformed);
    return failedPosition;
  }

  /**
   * Reads the length of text or bytes, moves the cursor behind the content and returns where the
   * content begins. Storing the content may fail, so the cursor must be past it before.
   */
  static readContent(end: usize): usize {
    const contentEnd = Wire.readContentEnd(end);
    const address = position;
    moveTo(contentEnd);
    return address;
  }
}
