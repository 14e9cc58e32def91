/**
 * Decodes the part of zstd (RFC 8878) that hand-made frames use, and refuses what they must not do:
 * a window below 128 KiB or above 8 MiB, a distance beyond it, a block beyond 128 KiB, bytes that
 * are left over.
 */
import assert from 'node:assert/strict';

const blockBytesMax = 128 * 1024;

class Cursor {
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

/** Bits from the end of a stream to its front, from high to low. */
class BackwardBits {
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

export interface StrictFrame {
  readonly content: Uint8Array;
  readonly windowBytes: number;
  readonly blockCount: number;
}

export function decodeStrictly(frame: Uint8Array): StrictFrame {
  const cursor = new Cursor(frame);
  assert.equal(cursor.number(4), 0xfd2fb528, 'magic');
  assert.equal(cursor.number(1), 0x80, 'content size in 4 bytes, not single-segment, no checksum');
  const window = cursor.number(1);
  assert.equal(window & 7, 0, 'the window is a power of two');
  const windowBytes = 2 ** (10 + (window >> 3));
  assert.ok(windowBytes >= blockBytesMax && windowBytes <= 8 * 1024 * 1024, 'window');
  const output = new Cursor(new Uint8Array(cursor.number(4)));
  let hasWeights = false;
  for (let blockCount = 1; ; blockCount++) {
    const header = cursor.number(3);
    const [isLast, type, size] = [header & 1, (header >> 1) & 3, header >> 3];
    assert.ok(size <= blockBytesMax, 'block size');
    const start = output.offset;
    if (type === 0) output.take(size).set(cursor.take(size));
    else if (type === 1) output.take(size).fill(cursor.number(1));
    else {
      assert.equal(type, 2, 'block type');
      hasWeights = decodeBlock(cursor.take(size), output, windowBytes, hasWeights);
    }
    assert.ok(output.offset - start <= blockBytesMax, 'a block stands for no more');
    if (isLast === 0) continue;
    assert.equal(cursor.offset, frame.byteLength, 'nothing follows the last block');
    assert.equal(output.offset, output.bytes.byteLength, 'the content is complete');
    return { content: output.bytes, windowBytes, blockCount };
  }
}

/** Either literals in Huffman codes and no sequence, or one match without literals. */
function decodeBlock(block: Uint8Array, output: Cursor, windowBytes: number, hasWeights: boolean) {
  const type = block[0]! & 3;
  if (type === 0) {
    decodeMatch(block, output, windowBytes);
    return hasWeights;
  }
  assert.equal(type, hasWeights ? 3 : 2, 'weights come with the first block');
  decodeHexLiterals(new Cursor(block), output, !hasWeights);
  return true;
}

function decodeHexLiterals(block: Cursor, output: Cursor, withWeights: boolean): void {
  const sizes = BigInt(block.number(5));
  assert.equal(Number((sizes >> 2n) & 3n), 3, 'four streams, sizes of 18 bits');
  const regeneratedBytes = Number((sizes >> 4n) & 0x3ffffn);
  const literalsBytes = Number(sizes >> 22n);
  const literals = new Cursor(block.take(literalsBytes));
  if (withWeights) checkHexWeights(literals);
  const lengths = [0, 1, 2].map(() => literals.number(2));
  lengths.push(literalsBytes - literals.offset - lengths.reduce((sum, length) => sum + length, 0));
  let left = regeneratedBytes;
  for (const [index, length] of lengths.entries()) {
    const count = index < 3 ? Math.ceil(regeneratedBytes / 4) : left;
    left -= count;
    const bits = new BackwardBits(literals.take(length));
    const text = Array.from({ length: count }, () => '0123456789abcdef'.charCodeAt(bits.take(4)));
    output.take(count).set(text);
    assert.ok(bits.isEmpty, 'a stream holds its codes only');
  }
  assert.equal(block.number(1), 0, 'no sequences');
  assert.equal(block.offset, block.bytes.byteLength, 'a block has nothing else');
}

/** Weight 1 for the hex digits but 'f', whose weight is implied: then each code has four bits. */
function checkHexWeights(literals: Cursor): void {
  const count = literals.number(1) - 127;
  const bytes = literals.take(Math.ceil(count / 2));
  const weights = Array.from({ length: count }, (_, i) => (bytes[i >> 1]! >> (i & 1 ? 0 : 4)) & 15);
  const symbols = weights.flatMap((weight, symbol) => (weight === 0 ? [] : [symbol]));
  assert.ok(
    symbols.every((symbol) => weights[symbol] === 1),
    'equal weights',
  );
  assert.equal(String.fromCharCode(...symbols, count), '0123456789abcdef');
}

/** Base and bits of match length codes 32 to 42, from the RFC's table; code 43 and up double. */
const middleLengths = [
  [35, 1], [37, 1], [39, 1], [41, 1], [43, 2], [47, 2], [51, 3], [59, 3], [67, 4], [83, 4], [99, 5],
] as const; // biome-ignore format: pairs

function decodeMatch(block: Uint8Array, output: Cursor, windowBytes: number): void {
  assert.deepEqual([...block.subarray(0, 4)], [0, 1, 0x54, 0], 'no literals, one sequence in RLE');
  const [distanceCode, lengthCode] = [block[4]!, block[5]!];
  const bits = new BackwardBits(block.subarray(6));
  const distance = 2 ** distanceCode + bits.take(distanceCode) - 3;
  const [base, extra] = matchLength(lengthCode);
  const length = base + bits.take(extra);
  assert.ok(bits.isEmpty, 'a match has no other bits');
  assert.ok(distance >= 1 && distance <= windowBytes && distance <= output.offset, 'distance');
  const start = output.offset;
  const target = output.take(length);
  // As much at a time as there is before the target, for the source may run into it.
  for (let done = 0; done < length; ) {
    const source = start - distance;
    const part = output.bytes.subarray(source, Math.min(source + length - done, start + done));
    target.set(part, done);
    done += part.byteLength;
  }
}

function matchLength(code: number): readonly [base: number, bits: number] {
  if (code < 32) return [code + 3, 0];
  if (code < 43) return middleLengths[code - 32]!;
  assert.ok(code <= 52, 'match length code');
  return [2 ** (code - 36) + 3, code - 36];
}
