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
 * Literals before the match, if any, follow the first byte; then both bytes 0 hold their count.
 *
 * 1. A block decompresses to at most 128 KiB. The window is never smaller, because a decoder may
 *    refuse a block that is larger than the window. For the same reason no frame is single-segment:
 *    its window would be as large as its content.
 * 2. No distance exceeds the window, which is at most 8 MiB, what every decoder must support.
 * 3. `markLast` sets the last flag at the end, so a writer need not look ahead.
 */

/** The most bytes that a block may decompress to, by the format. */
export const blockBytesMax: u32 = 131072;
/** RFC 8878 recommends that decoders support at least this. */
export const windowBytesMax: u32 = 8388608;
export const frameHeaderBytes: u32 = 10;
export const blockHeaderBytes: u32 = 3;
/** 6 bytes of codes behind the header, then at most 16 + 23 + 1 bits. */
export const matchBlockBytesMax: u32 = 14;
/**
 * Bytes behind the end that a writer may touch: words are stored whole, and a block of rows
 * (zstd-rows.ts) may be too long by its table, 50 bytes, before it is dropped.
 */
export const storeSlackBytes: u32 = 96;

/**
 * Modes of a block's codes: the codes of literal lengths, distances and match lengths are each
 * written once.
 */
export const singleCodes: u8 = 0x54;

const rawType: u32 = 0;
const rleType: u32 = 1;
export const compressedType: u32 = 2;

/** A match of the smallest window fits its smallest block, and the format's smallest match is 3. */
const windowLogMin: u32 = 17;
const windowLogMax: u32 = 23;
/** The descriptor means: content size in four bytes, no checksum, no dictionary. */
const magic: u32 = 0xfd2fb528;
const descriptor: u8 = 0x80;

/** Writes a frame header. Returns where the first block goes. */
export function writeFrameHeader(target: usize, contentBytes: u32): usize {
  const log = contentBytes > 1 ? 32 - clz(contentBytes - 1) : 0;
  const windowLog = min(max(log, windowLogMin), windowLogMax);
  store<u32>(target, magic);
  store<u8>(target + 4, descriptor);
  store<u8>(target + 5, <u8>((windowLog - 10) << 3));
  store<u32>(target + 6, contentBytes);
  return target + frameHeaderBytes;
}

/** Writes the header of a block that is not marked as the last. Returns where its content goes. */
export function writeBlockHeader(target: usize, type: u32, size: u32): usize {
  const header = (type << 1) | (size << 3);
  store<u16>(target, <u16>header);
  store<u8>(target + 2, <u8>(header >> 16));
  return target + blockHeaderBytes;
}

/** Marks a written block as the last of its frame. */
export function markLast(header: usize): void {
  store<u8>(header, load<u8>(header) | 1);
}

/** Marks the last of the blocks between `first` and `end`. */
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

/** Writes the header of a raw block; the caller writes its bytes. */
export function writeRawHeader(target: usize, bytes: u32): usize {
  return writeBlockHeader(target, rawType, bytes);
}

/** Writes a block that repeats a byte. Returns the end of the block. */
export function writeRepeatedByte(target: usize, byte: u8, bytes: u32): usize {
  const content = writeBlockHeader(target, rleType, bytes);
  store<u8>(content, byte);
  return content + 1;
}

/**
 * Writes a block that copies `bytes` (3 to 128 KiB) from `distance` (1 to the window) before its
 * place. Returns its end. The distance is written as a new one (value + 3), not as one of the three
 * that the format remembers, because those depend on the blocks before.
 */
export function writeMatch(target: usize, distance: u32, bytes: u32): usize {
  return writeSequence(target, 0, 0, distance, bytes);
}

/** Writes a block with up to 15 literals, which lie at `literals`, before the copied bytes. */
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

/** Writes the count of a block's sequences, in 1 to 3 bytes. Returns where their modes go. */
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

/**
 * Lengths below 35 have their own codes. From 131 a code is a power of two. These are the codes
 * between.
 */
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
