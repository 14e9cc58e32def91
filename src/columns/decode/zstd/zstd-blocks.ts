/** Writes the header and the blocks that the hand-made zstd frames are built of (RFC 8878). */

/*
 *     frame   ┌────────────┬──────┬────────┬───────────────┬─────────┬─────────┬───
 *             │ FD2FB528   │ 0x80 │ window │ content bytes │ block   │ block   │ …
 *             └────────────┴──────┴────────┴───────────────┴─────────┴─────────┴───
 *              4            1      1        4
 *     block   ┌───────────────────────────────┬─────────┐
 *             │ last 1 bit, type 2, size 21   │ content │
 *             └───────────────────────────────┴─────────┘
 *              3
 *     raw     size bytes, to be taken as they are
 *     RLE     1 byte, to be repeated size times
 *     match   ┌──────┬───┬──────┬──────┬───────────────┬─────────────┬────────────────────────────┐
 *             │ 0    │ 1 │ 0x54 │ 0    │ distance code │ length code │ length bits, distance bits,│
 *             │      │   │      │      │               │             │ a 1, zeros to the byte     │
 *             └──────┴───┴──────┴──────┴───────────────┴─────────────┴────────────────────────────┘
 *              no     one sequence, each of its three codes    the low bits come first, and 2 to 5
 *              literals   written once (RLE mode): no tables    bytes hold them all
 *
 * Literals before the match, if any, stand behind the first byte; both 0 then say how many.
 *
 * 1. A block stands for at most 128 KiB. The window is never smaller, for a decoder may refuse a
 *    block that is larger than the window; that is also why no frame is single-segment (its window
 *    would be its content).
 * 2. No distance exceeds the window, which is at most 8 MiB, what every decoder must support.
 * 3. The last flag is set at the end, by markLast: a writer need not look ahead.
 */

/** The most that a block may stand for, by the format. */
export const blockBytesMax: u32 = 131072;
/** RFC 8878 recommends that decoders support at least this. */
export const windowBytesMax: u32 = 8388608;
export const frameHeaderBytes: u32 = 10;
export const blockHeaderBytes: u32 = 3;
/** 6 bytes of codes behind the header, then at most 16 + 23 + 1 bits. */
export const matchBlockBytesMax: u32 = 14;
/**
 * Words are stored whole, so bytes behind the end of what is written may be touched; and a block of
 * rows (zstd-rows.ts) may be too long by its table, 50 bytes, before it is dropped.
 */
export const storeSlackBytes: u32 = 96;

/** Modes of a block's codes: of literal lengths, distances and match lengths each written once. */
export const singleCodes: u8 = 0x54;

const rawType: u32 = 0;
const rleType: u32 = 1;
export const compressedType: u32 = 2;

/** A match of the smallest window fits its smallest block, and the format's smallest match is 3. */
const windowLogMin: u32 = 17;
const windowLogMax: u32 = 23;
/** Between them the descriptor says: content size in four bytes, no checksum, no dictionary. */
const magic: u32 = 0xfd2fb528;
const descriptor: u8 = 0x80;

/** Writes a frame header; gives back where the first block goes. */
export function writeFrameHeader(target: usize, contentBytes: u32): usize {
  const log = contentBytes > 1 ? 32 - clz(contentBytes - 1) : 0;
  const windowLog = min(max(log, windowLogMin), windowLogMax);
  store<u32>(target, magic);
  store<u8>(target + 4, descriptor);
  store<u8>(target + 5, <u8>((windowLog - 10) << 3));
  store<u32>(target + 6, contentBytes);
  return target + frameHeaderBytes;
}

/** Writes the header of a block, not marked as the last; gives back where its content goes. */
export function writeBlockHeader(target: usize, type: u32, size: u32): usize {
  const header = (type << 1) | (size << 3);
  store<u16>(target, <u16>header);
  store<u8>(target + 2, <u8>(header >> 16));
  return target + blockHeaderBytes;
}

/** Says of a written block that no other follows. */
export function markLast(header: usize): void {
  store<u8>(header, load<u8>(header) | 1);
}

/** The same of the last of the blocks from `first` to `end`. */
export function markLastOf(first: usize, end: usize): void {
  let last = first;
  for (let block = first; block < end; ) {
    const header = load<u32>(block);
    last = block;
    block += blockHeaderBytes;
    block += ((header >> 1) & 3) === rleType ? 1 : (header >> 3) & (blockBytesMax * 2 - 1);
  }
  markLast(last);
}

/** The header of a raw block whose bytes the caller writes. */
export function writeRawHeader(target: usize, bytes: u32): usize {
  return writeBlockHeader(target, rawType, bytes);
}

/** A byte repeated; gives back the end of the block. */
export function writeRepeatedByte(target: usize, byte: u8, bytes: u32): usize {
  const content = writeBlockHeader(target, rleType, bytes);
  store<u8>(content, byte);
  return content + 1;
}

/**
 * A block that copies `bytes` (3 to 128 KiB) from `distance` (1 to the window) before its place;
 * gives back its end. The distance is written as a new one (value + 3), not as one of the three
 * that the format remembers: those would depend on the blocks before.
 */
export function writeMatch(target: usize, distance: u32, bytes: u32): usize {
  return writeSequence(target, 0, 0, distance, bytes);
}

/** The same with up to 15 literals, those at `literals`, before what is copied. */
export function writeSequence(
  target: usize,
  literals: usize,
  literalBytes: u32,
  distance: u32,
  bytes: u32,
): usize {
  const value = distance + 3;
  const distanceCode = 31 - clz(value);
  const lengthCode = matchLengthCode(bytes);
  const lengthBits = matchLengthBits(lengthCode);
  const content = target + blockHeaderBytes;
  store<u8>(content, <u8>(literalBytes << 3));
  memory.copy(content + 1, literals, literalBytes);
  const sequence = content + 1 + literalBytes;
  store<u8>(sequence, 1);
  store<u8>(sequence + 1, singleCodes);
  store<u8>(sequence + 2, <u8>literalBytes);
  store<u8>(sequence + 3, <u8>distanceCode);
  store<u8>(sequence + 4, <u8>lengthCode);
  let bits = <u64>(bytes - matchLengthBase(lengthCode));
  bits |= (<u64>(value - (1 << distanceCode))) << lengthBits;
  bits |= (<u64>1) << (lengthBits + distanceCode);
  store<u64>(sequence + 5, bits);
  const end = sequence + 5 + ((lengthBits + distanceCode + 8) >> 3);
  writeBlockHeader(target, compressedType, <u32>(end - content));
  return end;
}

/** The count of a block's sequences, in 1 to 3 bytes; gives back where their modes go. */
export function writeSequenceCount(target: usize, count: u32): usize {
  if (count < 128) {
    store<u8>(target, <u8>count);
    return target + 1;
  }
  if (count < 0x7f00) {
    store<u8>(target, <u8>(0x80 + (count >> 8)));
    store<u8>(target + 1, <u8>count);
    return target + 2;
  }
  store<u8>(target, 255);
  store<u16>(target + 1, <u16>(count - 0x7f00));
  return target + 3;
}

/** Lengths below 35 are their own code, from 131 on a code is a power of two; between: this. */
const middleBases = memory.data<u8>([35, 37, 39, 41, 43, 47, 51, 59, 67, 83, 99]);
const middleBits = memory.data<u8>([1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5]);
const middleCode: u32 = 32;
const powerCode: u32 = 43;

function matchLengthCode(bytes: u32): u32 {
  if (bytes < 35) return bytes - 3;
  if (bytes >= 131) return 31 - clz(bytes - 3) + 36;
  let code = powerCode - 1;
  while (matchLengthBase(code) > bytes) code--;
  return code;
}

function matchLengthBase(code: u32): u32 {
  if (code < middleCode) return code + 3;
  if (code >= powerCode) return (1 << (code - 36)) + 3;
  return load<u8>(middleBases + code - middleCode);
}

function matchLengthBits(code: u32): u32 {
  if (code < middleCode) return 0;
  if (code >= powerCode) return code - 36;
  return load<u8>(middleBits + code - middleCode);
}
