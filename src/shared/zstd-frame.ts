/**
 * Bounds from its block headers how many bytes a zstd frame decompresses to, without decoding it.
 *
 * 1. No block decompresses to more than 128 KiB.
 * 2. A block that has only literals states their length. A block whose matches all have one length
 *    code is bounded by its count of matches; the tables of its other codes are read only to find
 *    that code. Every other compressed block counts as 128 KiB.
 *
 * Frames with many small blocks are ordinary here: columns/ makes them for runs and for offsets.
 */
import { ZstdWalk, zstdBlockBytesMax, zstdBlockType } from './zstd-walk.ts';

/**
 * Returns the most bytes that the frame can decompress to, or undefined if `frame` is not exactly
 * one whole zstd frame.
 */
export function zstdBytesMax(frame: Uint8Array): number | undefined {
  try {
    return sumOfBlocks(new DataView(frame.buffer, frame.byteOffset, frame.byteLength));
  } catch (error) {
    // DataView throws RangeError if a read is out of bounds.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function sumOfBlocks(view: DataView): number | undefined {
  const walk = new ZstdWalk();
  let offset = 0;
  let total = 0;
  while (walk.partBytes > 0) {
    const { partBytes } = walk;
    if (walk.isBlock) total += blockBytesMax(view, offset, walk);
    if (!walk.pass(view, offset)) return undefined;
    offset += partBytes;
  }
  return offset === view.byteLength ? total : undefined;
}

function blockBytesMax(view: DataView, offset: number, { blockType, blockSize }: ZstdWalk): number {
  return blockType === zstdBlockType.compressed ? compressedBytesMax(view, offset) : blockSize;
}

function compressedBytesMax(view: DataView, offset: number): number {
  const literals = readLiteralsHeader(view, offset);
  const matchBytes = matchBytesMax(view, offset + literals.sectionBytes);
  return Math.min(zstdBlockBytesMax, literals.contentBytes + matchBytes);
}

interface Literals {
  /** Bytes of the literals after decompression. */
  readonly contentBytes: number;
  /** Bytes of the section in the block, including its header. */
  readonly sectionBytes: number;
}

/** For Huffman-coded literals: bytes of the header, and bits of each of its two sizes. */
const huffmanHeaders = [
  { bytes: 3, bits: 10 },
  { bytes: 3, bits: 10 },
  { bytes: 4, bits: 14 },
  { bytes: 5, bits: 18 },
] as const;

function readLiteralsHeader(view: DataView, offset: number): Literals {
  const first = view.getUint8(offset);
  const type = first & 3;
  const format = (first >> 2) & 3;
  if (type <= zstdBlockType.repeated) {
    const bytes = (format & 1) === 0 ? 1 : format === 1 ? 2 : 3;
    const contentBytes = Math.floor(littleEndian(view, offset, bytes) / (bytes === 1 ? 8 : 16));
    return { contentBytes, sectionBytes: bytes + (type === zstdBlockType.raw ? contentBytes : 1) };
  }
  const { bytes, bits } = huffmanHeaders[format]!;
  const sizes = Math.floor(littleEndian(view, offset, bytes) / 16);
  return {
    contentBytes: sizes % 2 ** bits,
    sectionBytes: bytes + Math.floor(sizes / 2 ** bits),
  };
}

/**
 * How a block defines the codes of one kind: predefined, a single code, or a table. The remaining
 * mode repeats the previous table.
 */
const codeMode = { predefined: 0, single: 1, table: 2 } as const;

/** Returns the most bytes that the sequences of a block can copy from earlier content. */
function matchBytesMax(view: DataView, offset: number): number {
  const { count, bytes } = readSequenceCount(view, offset);
  if (count === 0) return 0;
  const modes = view.getUint8(offset + bytes);
  if (((modes >> 2) & 3) !== codeMode.single) return zstdBlockBytesMax;
  let code = offset + bytes + 1;
  for (const mode of [modes >> 6, (modes >> 4) & 3]) {
    if (mode === codeMode.single) code += 1;
    if (mode === codeMode.table) code += tableBytes(view, code);
  }
  return count * matchLengthMax(view.getUint8(code));
}

/** Match lengths have 53 codes, more than any other kind. */
const tableCodesMax = 53;

/**
 * Returns the bytes of a code table. A table lists how many states each code has; each number has
 * only as many bits as the number of states that are left requires.
 */
function tableBytes(view: DataView, offset: number): number {
  let bit = offset * 8;
  const take = (count: number) => {
    let value = 0;
    for (let index = 0; index < count; index++, bit++) {
      value |= ((view.getUint8(bit >> 3) >> (bit & 7)) & 1) << index;
    }
    return value;
  };
  let left = 2 ** (take(4) + 5);
  for (let codes = 0, isSkip = false; left > 0; ) {
    if (codes > tableCodesMax) throw new RangeError('more codes than there are');
    if (isSkip) {
      const skipped = take(2);
      codes += skipped;
      isSkip = skipped === 3;
      continue;
    }
    const width = 31 - Math.clz32(left + 1);
    const spared = 2 ** (width + 1) - left - 2;
    let value = take(width);
    if (value >= spared && take(1) === 1) value += 2 ** width - spared;
    // The value 1 means no state. The value 0 is a code with probability "less than 1", which takes
    // one state.
    left -= value === 0 ? 1 : value - 1;
    codes += 1;
    isSkip = value === 1;
  }
  return Math.ceil((bit - offset * 8) / 8);
}

function readSequenceCount(view: DataView, offset: number) {
  const first = view.getUint8(offset);
  if (first < 128) return { count: first, bytes: 1 };
  if (first < 255) return { count: ((first - 128) << 8) + view.getUint8(offset + 1), bytes: 2 };
  return { count: view.getUint16(offset + 1, true) + 0x7f00, bytes: 3 };
}

/** The greatest lengths of the codes from 32 to 42. From 43 on, each code doubles the length. */
const middleLengths = [36, 38, 40, 42, 46, 50, 58, 66, 82, 98, 130] as const;

function matchLengthMax(code: number): number {
  if (code < 32) return code + 3;
  return middleLengths[code - 32] ?? 2 ** (code - 35) + 2;
}

function littleEndian(view: DataView, offset: number, bytes: number): number {
  let value = 0;
  for (let index = bytes - 1; index >= 0; index--) {
    value = value * 256 + view.getUint8(offset + index);
  }
  return value;
}
