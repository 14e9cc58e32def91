/** Creates validity bitmaps at the cut, from what the columns hold. */
import { addNode, addNothing, addPlain, addZeros, bytesContent, takeScratch } from './cut-table.ts';
import { countOf, isNullRun, runBytes } from './run.ts';

/** Returns the bytes of a bitmap for `rows` rows. */
export function bitmapBytes(rows: u32): u32 {
  return (rows + 7) >>> 3;
}

/** Adds node and bitmap of a column that is never NULL. */
export function addNotNull(rows: u32): void {
  addNode(rows, 0);
  addNothing();
}

/** Adds node and bitmap of text whose NULL is the empty text. */
export function addNullWhenEmpty(offsets: usize, rows: u32): void {
  const bitmap = takeScratch(bitmapBytes(rows));
  let valid: u32 = 0;
  for (let row: u32 = 0; row < rows; row += 8) {
    const bits = bitsOfNotEmpty(offsets + ((<usize>row) << 2)) & bitsOfRows(rows - row);
    store<u8>(bitmap + (row >>> 3), bits);
    valid += popcnt(bits);
  }
  addValidity(bitmap, rows, rows - valid);
}

/** Adds node and bitmap of 64-bit values whose NULL is 0. */
export function addNullWhenZero(values: usize, rows: u32): void {
  const bitmap = takeScratch(bitmapBytes(rows));
  let valid: u32 = 0;
  for (let row: u32 = 0; row < rows; row += 8) {
    const bits = bitsOfNotZero(values + ((<usize>row) << 3)) & bitsOfRows(rows - row);
    store<u8>(bitmap + (row >>> 3), bits);
    valid += popcnt(bits);
  }
  addValidity(bitmap, rows, rows - valid);
}

/** Adds node and bitmap of values that are NULL where the flag of their row, a byte, is 0. */
export function addNullWhenUnset(flags: usize, rows: u32): void {
  const bitmap = takeScratch(bitmapBytes(rows));
  let valid: u32 = 0;
  for (let row: u32 = 0; row < rows; row += 8) {
    const bits = bitsOfSet(v128.load(flags + row)) & bitsOfRows(rows - row);
    store<u8>(bitmap + (row >>> 3), bits);
    valid += popcnt(bits);
  }
  addValidity(bitmap, rows, rows - valid);
}

/** Adds node and bitmap of a column that has nothing but NULL. */
export function addAllNull(rows: u32): void {
  addValidity(0, rows, rows);
}

/** Adds the buffer of bits that are 1 where the byte of their row has the mark. */
export function addMarkedBits(bytes: usize, mark: u8, rows: u32): void {
  const bitmap = takeScratch(bitmapBytes(rows));
  let marked: u32 = 0;
  for (let row: u32 = 0; row < rows; row += 8) {
    const marks = v128.and(v128.load(bytes + row), i8x16.splat(mark));
    const bits = bitsOfSet(marks) & bitsOfRows(rows - row);
    store<u8>(bitmap + (row >>> 3), bits);
    marked |= bits;
  }
  if (marked === 0) addZeros(bitmapBytes(rows), bytesContent);
  else addPlain(bitmap, bitmapBytes(rows), bytesContent);
}

/** Adds node and bitmap of runs of text, some of which may be NULL. */
export function addNullRuns(runs: usize, runsBytes: u32, rows: u32): void {
  const bitmap = takeScratch(bitmapBytes(rows));
  memory.fill(bitmap, 0, bitmapBytes(rows));
  let valid: u32 = 0;
  let row: u32 = 0;
  for (const end = runs + runsBytes; runs < end; runs += runBytes) {
    const count = countOf(runs);
    if (!isNullRun(runs)) {
      setBits(bitmap, row, row + count);
      valid += count;
    }
    row += count;
  }
  addValidity(bitmap, rows, rows - valid);
}

/** Sets the bits from `start` up to `end`. */
function setBits(bitmap: usize, start: u32, end: u32): void {
  let bit = start;
  for (; bit < end && (bit & 7) !== 0; bit++) setBit(bitmap, bit);
  const wholeBytes = (end - bit) >>> 3;
  memory.fill(bitmap + (bit >>> 3), 0xff, wholeBytes);
  for (bit += wholeBytes << 3; bit < end; bit++) setBit(bitmap, bit);
}

function setBit(bitmap: usize, bit: u32): void {
  const at = bitmap + (bit >>> 3);
  store<u8>(at, <u32>load<u8>(at) | (1 << (bit & 7)));
}

/** Adds node and bitmap. A column without NULL has no bitmap. */
function addValidity(bitmap: usize, rows: u32, nulls: u32): void {
  addNode(rows, nulls);
  if (nulls === 0) addNothing();
  else if (nulls === rows) addZeros(bitmapBytes(rows), bytesContent);
  else addPlain(bitmap, bitmapBytes(rows), bytesContent);
}

/** Returns a mask of the rows that exist. The bytes behind the last row are undefined. */
function bitsOfRows(rows: u32): u32 {
  return rows < 8 ? (1 << rows) - 1 : 0xff;
}

/** Returns a bit for each of the 8 texts between 9 offsets, 1 if it is not empty. */
function bitsOfNotEmpty(offsets: usize): u32 {
  const low = i32x4.ne(v128.load(offsets), v128.load(offsets, 4));
  const high = i32x4.ne(v128.load(offsets, 16), v128.load(offsets, 20));
  return <u32>i32x4.bitmask(low) | ((<u32>i32x4.bitmask(high)) << 4);
}

/** Returns a bit for each of 8 values, 1 if it is not 0. */
function bitsOfNotZero(values: usize): u32 {
  let bits: u32 = 0;
  for (let i: u32 = 0; i < 8; i += 2) {
    const notZero = i64x2.ne(v128.load(values + (i << 3)), i64x2.splat(0));
    bits |= (<u32>i64x2.bitmask(notZero)) << i;
  }
  return bits;
}

/** Returns a bit for each of the first 8 bytes, 1 if it is not 0. */
function bitsOfSet(bytes: v128): u32 {
  return <u32>i8x16.bitmask(i8x16.ne(bytes, i8x16.splat(0))) & 0xff;
}
