/** Writes protobuf's wire format in canonical form, with the shortest varints. */

/*
 * The length of a message precedes its content, and a longer message has a longer length. Most
 * messages are shorter than 128 bytes. So `open` reserves one byte, or `expectedLengthBytes`, and
 * `close` moves the content if the length needs another number of bytes.
 */

export const varintType = 0;
export const fixed64Type = 1;
export const bytesType = 2;
export const fixed32Type = 5;

/** Initial size, enough for a request of some hundred records. */
const bytesAtStart = 64 * 1024;

/** A tag, and a number of 64 bits or a length: the most that a call writes behind one `reserve`. */
const scalarBytesMax = 20;

/** Up to this size a loop is faster than `set`, which copies memory. */
const loopBytesMax = 48;

export class WireWriter {
  bytes: Uint8Array = new Uint8Array(bytesAtStart);
  /** Offset of the next byte. Set it back to remove what was written. */
  end = 0;

  /** Returns a copy of all bytes written. The copy belongs to the caller. */
  content(): Uint8Array {
    return this.bytes.slice(0, this.end);
  }

  /** Makes room for `moreBytes` more bytes. */
  reserve(moreBytes: number): void {
    if (this.bytes.length - this.end < moreBytes) this.#grow(moreBytes);
  }

  /** Begins a message. Returns the start of its content, which `close` needs. */
  open(tag: number, expectedLengthBytes = 1): number {
    this.reserve(scalarBytesMax);
    this.#varint(tag);
    this.end += expectedLengthBytes;
    return this.end;
  }

  close(contentStart: number, expectedLengthBytes = 1): void {
    const contentBytes = this.end - contentStart;
    if (expectedLengthBytes === 1 && contentBytes < 0x80) {
      this.bytes[contentStart - 1] = contentBytes;
      return;
    }
    const lengthBytes = varintBytes(contentBytes);
    const moved = lengthBytes - expectedLengthBytes;
    if (moved !== 0) {
      this.reserve(lengthBytes);
      this.bytes.copyWithin(contentStart + moved, contentStart, this.end);
    }
    this.end = contentStart - expectedLengthBytes;
    this.#varint(contentBytes);
    this.end += contentBytes;
  }

  /**
   * Writes the tag and the length of content that the caller then writes, and makes room for it.
   */
  writeLength(tag: number, contentBytes: number): void {
    this.reserve(scalarBytesMax + contentBytes);
    this.#varint(tag);
    this.#varint(contentBytes);
  }

  /**
   * Writes a field of text, bytes or a message, whose content is `source` from `start` to `end`.
   */
  writeBytes(tag: number, source: Uint8Array, start: number, end: number): void {
    this.writeLength(tag, end - start);
    this.#copy(source, start, end);
  }

  /** Writes bytes as they are, without a tag. */
  writeRaw(source: Uint8Array): void {
    this.reserve(source.length);
    this.#copy(source, 0, source.length);
  }

  /** Writes a varint field, from 0 to 2^32 - 1. */
  writeVarint(tag: number, value: number): void {
    this.reserve(scalarBytesMax);
    this.#varint(tag);
    this.#varint(value);
  }

  /** Writes a varint field of 64 bits. Both halves are from 0 to 2^32 - 1. */
  writeVarint64(tag: number, low: number, high: number): void {
    this.reserve(scalarBytesMax);
    this.#varint(tag);
    this.#varint64(low, high);
  }

  /** Writes an int32 or an enum. A negative number is extended to 64 bits. */
  writeInt32(tag: number, value: number): void {
    this.writeVarint64(tag, value >>> 0, value < 0 ? 0xffffffff : 0);
  }

  writeFixed32(tag: number, value: number): void {
    this.reserve(scalarBytesMax);
    this.#varint(tag);
    this.#fixed32(value);
  }

  writeFixed64(tag: number, low: number, high: number): void {
    this.reserve(scalarBytesMax);
    this.#varint(tag);
    this.#fixed32(low);
    this.#fixed32(high);
  }

  /** Writes a varint without a tag, as packed fields contain them. */
  appendVarint64(low: number, high: number): void {
    this.reserve(scalarBytesMax);
    this.#varint64(low, high);
  }

  #varint(value: number): void {
    const { bytes } = this;
    let rest = value;
    while (rest > 0x7f) {
      bytes[this.end++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[this.end++] = rest;
  }

  #varint64(low: number, high: number): void {
    const { bytes } = this;
    let rest = low;
    let restHigh = high;
    while (restHigh !== 0) {
      bytes[this.end++] = (rest & 0x7f) | 0x80;
      rest = ((rest >>> 7) | (restHigh << 25)) >>> 0;
      restHigh >>>= 7;
    }
    this.#varint(rest);
  }

  #fixed32(value: number): void {
    const { bytes, end } = this;
    bytes[end] = value;
    bytes[end + 1] = value >>> 8;
    bytes[end + 2] = value >>> 16;
    bytes[end + 3] = value >>> 24;
    this.end = end + 4;
  }

  #copy(source: Uint8Array, start: number, end: number): void {
    const { bytes } = this;
    if (end - start > loopBytesMax) {
      bytes.set(source.subarray(start, end), this.end);
    } else {
      for (let from = start, to = this.end; from < end; from++) bytes[to++] = source[from]!;
    }
    this.end += end - start;
  }

  #grow(moreBytes: number): void {
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.end + moreBytes));
    grown.set(this.bytes.subarray(0, this.end));
    this.bytes = grown;
  }
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}
