/** Writes zstd frames without a compressor for columns whose shape is known: zeros and hex ids. */
import {
  blockBytesMax,
  blockHeaderBytes,
  compressedType,
  frameHeaderBytes,
  markLast,
  storeSlackBytes,
  writeBlockHeader,
  writeFrameHeader,
  writeRawHeader,
  writeRepeatedByte,
} from './zstd-blocks.ts';

/**
 * Returns the room that any hand-made frame of `bytes` bytes needs: the bytes, the frame's header
 * and 3 bytes for each started 128 KiB. The reasons:
 *  - zeros: all blocks except the last are full; each takes 4 bytes and decompresses to 1 or more.
 *  - hex: a block takes half its text and 71 bytes, and decompresses to at least 512. There is at
 *    most one raw block, of less than 512, whose header is the 3 bytes.
 *  - runs: a raw block takes 3 bytes more than its content and ends where it is full (128 KiB), at
 *    a match or at the frame's end. A match takes at most 14 bytes and decompresses to at least 17,
 *    so it also pays for the header of the raw block that it ended.
 *  - offsets and times: a block of rows that would take more is raw. Copies and strides save more
 *    than the change to them and back costs.
 */
export function zstdBound(bytes: u32): u32 {
  const rawBlocks = bytes / blockBytesMax + 1;
  return bytes + frameHeaderBytes + blockHeaderBytes * rawBlocks + storeSlackBytes;
}

/** Writes the frame of `bytes` zeros, in RLE blocks. Returns the frame's bytes. */
export function zstdZeros(target: usize, bytes: u32): u32 {
  let output = writeFrameHeader(target, bytes);
  if (bytes === 0) return endEmpty(target, output);
  let last = output;
  for (let left = bytes; left > 0; ) {
    const blockBytes = min(left, blockBytesMax);
    last = output;
    output = writeRepeatedByte(output, 0, blockBytes);
    left -= blockBytes;
  }
  markLast(last);
  return <u32>(output - target);
}

/*
 * Hex text is a Huffman code that needs no table search: 16 symbols of equal weight get the codes 0
 * to 15 in the order of their characters, '0' to '9' and 'a' to 'f', so the code of a character is
 * the half byte that it spells. A stream of Huffman codes is read from its end, from the high bits
 * down: it is the binary ids reversed, and a byte 1 that marks where the codes end.
 *
 *     block   ┌──────────────────┬───────────┬────────────┬────┬────┬────┬────┬───┐
 *             │ literals header  │ weights   │ 3 lengths  │ s1 │ s2 │ s3 │ s4 │ 0 │
 *             └──────────────────┴───────────┴────────────┴────┴────┴────┴────┴───┘
 *              5                  52, in the  2 each       a quarter of the  no sequences
 *                                 first block              ids, reversed, 1
 *
 * The following blocks say "as before" in the place of the weights.
 */

/** Bytes of ids in a block. The text of a block is at most 128 KiB, twice its ids. */
const idBytesMax: u32 = blockBytesMax / 2;
/**
 * Below this size the weights, lengths and headers save too little, and the text is written as it
 * is.
 */
const idBytesMin: u32 = 256;
const literalsHeaderBytes: u32 = 5;
const weightsBytes: u32 = 52;
const streamLengthsBytes: u32 = 6;
/** Literals types of the format; four streams with sizes of 18 bits. */
const huffmanType: u32 = 2;
const sameHuffmanType: u32 = 3;
const fourStreams: u32 = 3 << 2;

/**
 * Writes the frame of the lower-case hex text of `binaryBytes` bytes at `ids`. Returns the frame's
 * bytes.
 */
export function zstdHex(target: usize, ids: usize, binaryBytes: u32): u32 {
  let output = writeFrameHeader(target, binaryBytes * 2);
  if (binaryBytes === 0) return endEmpty(target, output);
  let left = binaryBytes;
  let last = output;
  let isFirst = true;
  while (left >= idBytesMin) {
    const blockBytes = min(left, idBytesMax) & ~3;
    last = output;
    output = writeHexBlock(output, ids, blockBytes, isFirst);
    isFirst = false;
    ids += blockBytes;
    left -= blockBytes;
  }
  if (left > 0) {
    last = output;
    output = writeHexText(writeRawHeader(output, left * 2), ids, left);
  }
  markLast(last);
  return <u32>(output - target);
}

/** Writes one block of a multiple of 4 binary bytes. Returns its end. */
function writeHexBlock(target: usize, ids: usize, binaryBytes: u32, withWeights: bool): usize {
  const quarterBytes = binaryBytes >> 2;
  const streamBytes = quarterBytes + 1;
  const headBytes = (withWeights ? weightsBytes : 0) + streamLengthsBytes;
  const literalsBytes = headBytes + streamBytes * 4;
  const size = literalsHeaderBytes + literalsBytes + 1;
  let output = writeBlockHeader(target, compressedType, size);
  const sizes = ((<u64>(binaryBytes * 2)) << 4) | ((<u64>literalsBytes) << 22);
  store<u64>(output, sizes | fourStreams | (withWeights ? huffmanType : sameHuffmanType));
  output += literalsHeaderBytes;
  if (withWeights) output = writeHexWeights(output);
  for (let i = 0; i < 3; i++) store<u16>(output + i * 2, <u16>streamBytes);
  output += streamLengthsBytes;
  for (let i = 0; i < 4; i++) {
    writeReversed(output, ids, quarterBytes);
    store<u8>(output + quarterBytes, 1);
    output += streamBytes;
    ids += quarterBytes;
  }
  store<u8>(output, 0);
  return output + 1;
}

/**
 * Writes weight 1 for each hex digit, two weights a byte. The format implies the weight of the last
 * digit, 'f'.
 */
function writeHexWeights(target: usize): usize {
  memory.fill(target, 0, weightsBytes);
  store<u8>(target, 127 + 0x66);
  for (let character: u32 = 0x30; character < 0x66; character++) {
    if (character > 0x39 && character < 0x61) continue;
    const pair = target + 1 + (character >> 1);
    store<u8>(pair, load<u8>(pair) | (character & 1 ? 0x01 : 0x10));
  }
  return target + weightsBytes;
}

function writeReversed(target: usize, source: usize, bytes: u32): void {
  let done: u32 = 0;
  for (; done + 16 <= bytes; done += 16) {
    const lanes = v128.load(source + bytes - 16 - done);
    v128.store(
      target + done,
      i8x16.shuffle(lanes, lanes, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
    );
  }
  for (; done < bytes; done++) store<u8>(target + done, load<u8>(source + bytes - 1 - done));
}

/** Writes the text itself, digit by digit, for the few ids at the end. */
function writeHexText(target: usize, source: usize, bytes: u32): usize {
  for (let i: u32 = 0; i < bytes; i++) {
    const byte = load<u8>(source + i);
    store<u8>(target + i * 2, hexDigit(byte >> 4));
    store<u8>(target + i * 2 + 1, hexDigit(byte & 15));
  }
  return target + bytes * 2;
}

function hexDigit(half: u8): u8 {
  return half < 10 ? 0x30 + half : 0x57 + half;
}

/** Writes the one block of an empty frame, which the format requires. Returns the frame's bytes. */
function endEmpty(target: usize, output: usize): u32 {
  const end = writeRawHeader(output, 0);
  markLast(output);
  return <u32>(end - target);
}
