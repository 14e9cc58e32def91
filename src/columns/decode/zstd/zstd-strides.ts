/**
 * Writes zstd blocks for offsets that rise by a constant step: one byte of each row is a literal,
 * the others are copied.
 */
import {
  blockBytesMax,
  blockHeaderBytes,
  compressedType,
  singleCodes,
  writeBlockHeader,
  writeSequence,
  writeSequenceCount,
} from './zstd-blocks.ts';

/*
 * Where each row is the one before plus the same step, its lowest byte comes again as soon as the
 * steps add up to a multiple of 256: with 6 after 128 rows, with 32 after 8. The bytes above the
 * second change rarely. So the second byte of each row is a literal, and three bytes are copied
 * from so many rows before: the two above it, and the lowest of the next row.
 *
 *     ·· b1 ·· ·· │ ·· b1 ·· ·· │ ·· b1 ·· ··
 *           └─ match ─┘   └─ match ─┘
 *
 * The same goes for the two lowest bytes (with 32 after 2,048 rows); then the third is the literal.
 * While it stays the same it is written once for all rows, which take nothing else:
 *
 *     block   ┌───────────┬──────────┬────────┬──────┬────┬────┬────┬────┐
 *             │ literals' │ literal, │ count  │ 0x54 │ 01 │ 00 │ 00 │ 01 │
 *             │ size      │ or all   │        │      │    │    │    │    │
 *             └───────────┴──────────┴────────┴──────┴────┴────┴────┴────┘
 *              1 to 3                 1 to 3   modes  1    last   3    a mark behind no bits
 *                                                     literal, distance,
 *                                                               bytes
 */

export const rowBytes: u32 = 4;
const matchBytes: u32 = 3;
/** Bytes of a block whose literal is written once, for 32 rows or more. */
export const strideBlockBytes: u32 = 13;

/** The last four bytes of a block. */
const codesAndMark: u32 = 0x01000001;

const rawLiterals: u32 = 0;
const repeatedLiteral: u32 = 1;
/** Formats of literals' sizes of 5, 12 and 20 bits. */
const format12Bits: u32 = 1 << 2;
const format20Bits: u32 = 3 << 2;

/**
 * Writes `count` rows. Their literals lie at `literal`, four bytes apart, and the other bytes are
 * copied from `distance` before. Returns the end. The first row states the distance.
 */
export function writeStrides(
  target: usize,
  literal: usize,
  count: u32,
  distance: u32,
  isRepeated: bool,
): usize {
  let output = writeSequence(target, literal, 1, distance, matchBytes);
  const end = literal + <usize>count * rowBytes;
  literal += rowBytes;
  while (literal < end) {
    const left = <u32>(end - literal) / rowBytes;
    const part = isRepeated ? countSame(literal, end) : min(left, blockBytesMax / rowBytes);
    output = writeBlock(output, literal, part, isRepeated);
    literal += <usize>part * rowBytes;
  }
  return output;
}

/** Returns how many rows have the same literal, at most as many as a block may hold. */
function countSame(literal: usize, end: usize): u32 {
  const byte = load<u8>(literal);
  const partEnd = min(end, literal + blockBytesMax);
  let other = literal + rowBytes;
  while (other < partEnd && load<u8>(other) === byte) other += rowBytes;
  return <u32>(other - literal) / rowBytes;
}

function writeBlock(target: usize, literal: usize, count: u32, isRepeated: bool): usize {
  const content = target + blockHeaderBytes;
  let output = writeSize(content, isRepeated ? repeatedLiteral : rawLiterals, count);
  const literals: u32 = isRepeated ? 1 : count;
  for (let i: u32 = 0; i < literals; i++) {
    store<u8>(output + i, load<u8>(literal + <usize>i * rowBytes));
  }
  output = writeSequenceCount(output + literals, count);
  store<u8>(output, singleCodes);
  store<u32>(output + 1, codesAndMark);
  output += 5;
  writeBlockHeader(target, compressedType, <u32>(output - content));
  return output;
}

/** Writes the header of literals. Returns where they go. */
function writeSize(target: usize, type: u32, count: u32): usize {
  if (count < 32) {
    store<u8>(target, <u8>(type | (count << 3)));
    return target + 1;
  }
  const isShort = count < 4096;
  const header = type | (isShort ? format12Bits : format20Bits) | (count << 4);
  store<u16>(target, <u16>header);
  if (isShort) return target + 2;
  store<u8>(target + 2, <u8>(header >> 16));
  return target + 3;
}
