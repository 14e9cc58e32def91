/** Reads bytes and bits for strict-zstd.ts, none beyond the end and none twice. */
import assert from 'node:assert/strict';

export class Cursor {
  readonly bytes: Uint8Array;
  offset = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  take(count: number): Uint8Array {
    assert.ok(this.offset + count <= this.bytes.byteLength, 'the bytes are there');
    this.offset += count;
    return this.bytes.subarray(this.offset - count, this.offset);
  }

  number(count: number): number {
    return this.take(count).reduceRight((sum, byte) => sum * 256 + byte, 0);
  }
}

/** Reads bits from the end of a stream to its start, from high to low. */
export class BackwardBits {
  readonly #bytes: Uint8Array;
  #left: number;

  constructor(bytes: Uint8Array) {
    const last = bytes.at(-1) ?? 0;
    assert.notEqual(last, 0, 'a stream ends with its mark');
    this.#bytes = bytes;
    this.#left = bytes.byteLength * 8 - 8 + (31 - Math.clz32(last));
  }

  take(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      this.#left--;
      assert.ok(this.#left >= 0, 'the bits are there');
      value = value * 2 + ((this.#bytes[this.#left >> 3]! >> (this.#left & 7)) & 1);
    }
    return value;
  }

  get isEmpty(): boolean {
    return this.#left === 0;
  }
}
