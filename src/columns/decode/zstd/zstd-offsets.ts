/** Writes zstd frames without a compressor for offsets of texts and lists. */
import { firstNear } from './near-rows.ts';
import { blockBytesMax, markLastOf, writeFrameHeader, writeMatch } from './zstd-blocks.ts';
import { writeRows } from './zstd-rows.ts';
import { rowBytes, strideBlockBytes, writeStrides } from './zstd-strides.ts';

/*
 * Offsets are stretches of rows with the same step, which is the length of their texts, and between
 * them rows with other steps:
 *
 *     step 0          copies of one row                       a match (zstd-blocks.ts)
 *     the same step   a byte of each row, or of many rows     strides (zstd-strides.ts)
 *     any steps       the lowest byte of most rows            rows (zstd-rows.ts)
 *
 * 1. What lies before `done` is written. Strides begin and end within a row, so it may lie there.
 * 2. `distance` is the last one that a block has named: rows repeat it for nothing.
 * 3. All sums are of 32 bits and may wrap: nothing is assumed of the offsets but what is compared.
 */

/** Where the next byte of the frame goes. */
let output: usize = 0;
let offsets: usize = 0;
let rows: u32 = 0;
let done: usize = 0;
let distance: u32 = 0;

/** Below this size the headers of the blocks are a large part of the frame. */
const rowsMin: u32 = 32;

/**
 * Writes the frame of 4-byte offsets, which take `bytes` bytes. Returns the frame's bytes; 0 if a
 * compressor may do better: if most rows are empty, or so large that their bytes have nothing in
 * common.
 */
export function zstdOffsets(target: usize, address: usize, bytes: u32): u32 {
  offsets = done = address;
  rows = bytes / rowBytes;
  if (rows < rowsMin || isSparse()) return 0;
  const start = writeFrameHeader(target, bytes);
  output = start;
  distance = 0;
  for (let row: u32 = 0; findStretch(row); row = stretchLast) {
    if (step === 0) addCopies();
    else addStretch();
  }
  addRows(address + bytes);
  markLastOf(start, output);
  const frameBytes = <u32>(output - target);
  // A compressor takes 2.3 to 3.3 bytes for a row.
  return <u64>frameBytes * 4 < <u64>rows * 11 ? frameBytes : 0;
}

/** Number of sampled rows. */
const sampleCount: u32 = 256;

/**
 * True if most rows are near the row before them. Then a general compressor needs less than a byte
 * for each row.
 */
function isSparse(): bool {
  const samples = min(rows - 1, sampleCount);
  let same: u32 = 0;
  for (let i: u32 = 0; i < samples; i++) {
    const row = 1 + <u32>((<u64>i * (rows - 1)) / samples);
    if (offset(row) === offset(row - 1)) same++;
  }
  return same * 2 > samples;
}

/**
 * The result of `findStretch`: rows from first to last, each `step` larger than the row before; the
 * step holds from the row behind the first.
 */
let stretchFirst: u32 = 0;
let stretchLast: u32 = 0;
let step: u32 = 0;

/** A multiple of 4. Only stretches of at least twice as many rows are found. */
const probeRows: u32 = 16;

/** Finds the next stretch at or behind a row. */
function findStretch(from: u32): bool {
  for (let row = from; row + probeRows + 1 < rows; row += probeRows) {
    step = offset(row + 1) - offset(row);
    let last = row + 1;
    while (last < row + probeRows && isSteady(last)) last += 4;
    if (last < row + probeRows) continue;
    while (last + 4 < rows && isSteady(last)) last += 4;
    while (last + 1 < rows && offset(last + 1) - offset(last) === step) last++;
    while (row > from && offset(row) - offset(row - 1) === step) row--;
    stretchFirst = row;
    stretchLast = last;
    return true;
  }
  return false;
}

/** True if the four rows behind `row` have the step. */
function isSteady(row: u32): bool {
  const address = addressOf(row);
  const steps = i32x4.sub(v128.load(address, 4), v128.load(address));
  return i32x4.all_true(i32x4.eq(steps, i32x4.splat(step)));
}

/** Cost of the change from rows to another kind of block and back, in bytes. */
const changeBytes: u32 = 48;

/** Adds rows up to an address. */
function addRows(end: usize): void {
  if (done >= end) return;
  // The first row of all has none before it.
  const begun = max(done, offsets + 1) + (rowBytes - 1) - offsets;
  const firstRow = min(offsets + (begun & ~(<usize>rowBytes - 1)), end);
  const isSame = distance === rowBytes;
  output = writeRows<u32>(output, done, firstRow, end, 1, isSame);
  if (!isSame && firstNear<u32>(firstRow, end, 1) !== 0) distance = rowBytes;
  done = end;
}

/** Adds copies if they take less than rows would. */
function addCopies(): void {
  if (stretchLast - stretchFirst < changeBytes) return;
  addRows(addressOf(stretchFirst + 1));
  const end = addressOf(stretchLast + 1);
  while (done < end) {
    const bytes = min(<u32>(end - done), blockBytesMax);
    output = writeMatch(output, rowBytes, bytes);
    done += bytes;
  }
  distance = rowBytes;
}

/** Adds strides by the second byte, and by the third as soon as they are possible. */
function addStretch(): void {
  const thirdFirst = stretchFirst + periodOf(2);
  const isLong = thirdFirst < stretchLast;
  addStrides(1, isLong ? thirdFirst : stretchLast);
  if (isLong) addStrides(2, stretchLast);
}

/** Returns after how many rows the `byte` lowest bytes repeat. */
function periodOf(byte: u32): u32 {
  const bits = byte << 3;
  return 1 << (bits - min(bits, ctz(step)));
}

/** Adds strides by a byte wherever the bytes above it equal those one period before. */
function addStrides(byte: u32, end: u32): void {
  const period = periodOf(byte);
  const span: u32 = 1 << ((byte + 1) << 3);
  for (let row = stretchFirst + period; row < end; ) {
    const rest = offset(row) & (span - 1);
    // Rows since the bytes above have changed, and until they change again.
    const since = rest / step;
    const left = (span - rest - 1) / step + 1;
    if (since < period) {
      row += period - since;
      continue;
    }
    const regionEnd = min(end, row + left);
    addRegion(byte, row, regionEnd);
    row = regionEnd;
  }
}

/** Adds strides if they take less than rows would. */
function addRegion(byte: u32, row: u32, end: u32): void {
  const count = end - row;
  // Rows with the same byte are a block, unless they are too few for that.
  const isRepeated = <u64>step * strideBlockBytes < (<u64>1) << (byte << 3);
  const strideBytes = isRepeated ? (<u64>count * strideBlockBytes * step) >> (byte << 3) : count;
  const rowsBytes = count + ((<u64>count * 3 * min<u32>(step, 256)) >> 8);
  if (rowsBytes < strideBytes + changeBytes) return;
  addRows(addressOf(row) + byte);
  distance = periodOf(byte) * rowBytes;
  output = writeStrides(output, done, count, distance, isRepeated);
  done += <usize>count * rowBytes;
}

function addressOf(row: u32): usize {
  return offsets + <usize>row * rowBytes;
}

function offset(row: u32): u32 {
  return load<u32>(addressOf(row));
}
