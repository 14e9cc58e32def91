/** Writes protobuf's wire format, canonically: shortest varints, lengths known only afterwards. */

/*
 * The length of a message stands before its content and takes more bytes the longer that is. Most
 * messages are shorter than 128 bytes: `open` leaves one byte (or as many as it is told to expect)
 * and `close` moves the content where that was wrong.
 */

export const varintType = 0;
export const fixed64Type = 1;
export const bytesType = 2;
export const fixed32Type = 5;

/** Enough for a request of some hundred records. */
const bytesAtStart = 64 * 1024;

/** A tag and a number of 64 bits or a length: what each call may write without asking for room. */
const scalarBytesMax = 20;

/** Up to here a loop is faster than the call that copies. */
const loopBytesMax = 48;

export class WireWriter {
  bytes: Uint8Array = new Uint8Array(bytesAtStart);
  /** Where the next byte goes; may be set back to forget what was written. */
  end = 0;

  /** A copy of all that was written. */
  content(): Uint8Array {
    return this.bytes.slice(0, this.end);
  }

  /** Makes room for so many bytes more. */
  reserve(moreBytes: number): void {
    if (this.bytes.length - this.end < moreBytes) this.#grow(moreBytes);
  }

  /** Begins a message; gives back what `close` needs. */
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

  /** Tag and length of content that the caller then writes, and room for it. */
  writeLength(tag: number, contentBytes: number): void {
    this.reserve(scalarBytesMax + contentBytes);
    this.#varint(tag);
    this.#varint(contentBytes);
  }

  /** Text, bytes or a message whose content is there already. */
  writeBytes(tag: number, source: Uint8Array, start: number, end: number): void {
    this.writeLength(tag, end - start);
    this.#copy(source, start, end);
  }

  /** Bytes as they are. */
  writeRaw(source: Uint8Array): void {
    this.reserve(source.length);
    this.#copy(source, 0, source.length);
  }

  /** A number from 0 to 2^32 - 1. */
  writeVarint(tag: number, value: number): void {
    this.reserve(scalarBytesMax);
    this.#varint(tag);
    this.#varint(value);
  }

  /** A number of 64 bits, by its halves; both from 0 to 2^32 - 1. */
  writeVarint64(tag: number, low: number, high: number): void {
    this.reserve(scalarBytesMax);
    this.#varint(tag);
    this.#varint64(low, high);
  }

  /** An int32 or an enum: negative numbers are extended to 64 bits. */
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

  /** One of several numbers without a tag, as packed fields have them. */
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
