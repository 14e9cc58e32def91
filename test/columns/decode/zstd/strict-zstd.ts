/**
 * Decodes the part of zstd (RFC 8878) that hand-made frames use. It refuses what they must not
 * contain: a window below 128 KiB or above 8 MiB, a distance beyond the window, a block beyond 128
 * KiB, left-over bytes.
 */
import assert from 'node:assert/strict';
import { BackwardBits, Cursor } from './strict-bits.ts';
import { type Distances, decodeSequences } from './strict-sequences.ts';

const blockBytesMax = 128 * 1024;

export interface StrictFrame {
  readonly content: Uint8Array;
  readonly windowBytes: number;
  readonly blockCount: number;
}

interface FrameState {
  readonly output: Cursor;
  readonly windowBytes: number;
  readonly distances: Distances;
  hasWeights: boolean;
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
  const state: FrameState = { output, windowBytes, distances: [1, 4, 8], hasWeights: false };
  for (let blockCount = 1; ; blockCount++) {
    const header = cursor.number(3);
    const [isLast, type, size] = [header & 1, (header >> 1) & 3, header >> 3];
    assert.ok(size <= blockBytesMax, 'block size');
    const start = output.offset;
    if (type === 0) output.take(size).set(cursor.take(size));
    else if (type === 1) output.take(size).fill(cursor.number(1));
    else {
      assert.equal(type, 2, 'block type');
      decodeBlock(new Cursor(cursor.take(size)), state);
    }
    assert.ok(output.offset - start <= blockBytesMax, 'a block stands for no more');
    if (isLast === 0) continue;
    assert.equal(cursor.offset, frame.byteLength, 'nothing follows the last block');
    assert.equal(output.offset, output.bytes.byteLength, 'the content is complete');
    return { content: output.bytes, windowBytes, blockCount };
  }
}

function decodeBlock(block: Cursor, state: FrameState): void {
  const literals = decodeLiterals(block, state);
  const { output, distances, windowBytes } = state;
  const distanceMax = () => Math.min(windowBytes, output.offset);
  decodeSequences(block, literals, output, distances, distanceMax);
  assert.equal(block.offset, block.bytes.byteLength, 'a block has nothing else');
}

/** Raw, one byte repeated, or hex digits in Huffman codes. */
function decodeLiterals(block: Cursor, state: FrameState): Uint8Array {
  const type = block.bytes[0]! & 3;
  if (type > 1) {
    assert.equal(type, state.hasWeights ? 3 : 2, 'weights come with the first block');
    const literals = decodeHexLiterals(block, !state.hasWeights);
    state.hasWeights = true;
    return literals;
  }
  const format = (block.bytes[0]! >> 2) & 3;
  const bytes = (format & 1) === 0 ? 1 : format === 1 ? 2 : 3;
  const size = block.number(bytes) >> (bytes === 1 ? 3 : 4);
  return type === 0 ? block.take(size) : new Uint8Array(size).fill(block.number(1));
}

function decodeHexLiterals(block: Cursor, withWeights: boolean): Uint8Array {
  const sizes = BigInt(block.number(5));
  assert.equal(Number((sizes >> 2n) & 3n), 3, 'four streams, sizes of 18 bits');
  const regeneratedBytes = Number((sizes >> 4n) & 0x3ffffn);
  const literalsBytes = Number(sizes >> 22n);
  const literals = new Cursor(block.take(literalsBytes));
  if (withWeights) checkHexWeights(literals);
  const lengths = [0, 1, 2].map(() => literals.number(2));
  lengths.push(literalsBytes - literals.offset - lengths.reduce((sum, length) => sum + length, 0));
  const output = new Cursor(new Uint8Array(regeneratedBytes));
  let left = regeneratedBytes;
  for (const [index, length] of lengths.entries()) {
    const count = index < 3 ? Math.ceil(regeneratedBytes / 4) : left;
    left -= count;
    const bits = new BackwardBits(literals.take(length));
    const text = Array.from({ length: count }, () => '0123456789abcdef'.charCodeAt(bits.take(4)));
    output.take(count).set(text);
    assert.ok(bits.isEmpty, 'a stream holds its codes only');
  }
  return output.bytes;
}

/** Weight 1 for all hex digits except 'f', whose weight is implied. So each code has four bits. */
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
