/** Writes zstd blocks for rows of numbers if most of them differ little from the row before. */
import { areFourNear, firstNear, isNear } from './near-rows.ts';
import {
  blockBytesMax,
  blockHeaderBytes,
  compressedType,
  singleCodes,
  writeBlockHeader,
  writeRawHeader,
  writeSequence,
  writeSequenceCount,
} from './zstd-blocks.ts';
import {
  anyCode,
  buildCode,
  clearCode,
  codeCount,
  countSymbols,
  symbolCount,
  writeShares,
} from './zstd-fse.ts';
import { lengthCode } from './zstd-literal-lengths.ts';
import { writeRowCodes } from './zstd-row-codes.ts';

/*
 * A row is near if it differs from the row before in its low bytes alone, else far. Of a near row
 * the low bytes are literals and the others a match, one row back; a far row is all literals. The
 * offsets 200, 270, 340 and 410, with one low byte:
 *
 *     c8 00 00 00 │ 0e 01 00 00 │ 54 01 00 00 │ 9a 01 00 00
 *     ────────── literals ───────── ·match··    ── ·match··
 *
 *     block   ┌───────────┬──────────┬────────┬───────┬───────────────┬────┬──────────────┬───────┐
 *             │ literals' │ literals │ count  │ modes │ table of the  │ 00 │ match length │ codes │
 *             │ size      │          │        │       │ codes, or one │    │ code         │       │
 *             └───────────┴──────────┴────────┴───────┴───────────────┴────┴──────────────┴───────┘
 *              3                      1 to 3   1       of lengths of        of all matches
 *                                                      literals
 *
 * 1. All matches of a block have one length and one distance, both written once, so a row costs its
 *    literals and the code of their length; that is next to nothing where most rows are near.
 * 2. The distance is the last one again (code 00), so it must have been used: if it was not, the
 *    first near row has a block of its own, which names it.
 * 3. No match is without literals: there, the code 00 would mean another distance.
 */

/** The size of the literals has 20 bits: it is known only after they are written. */
const sizeBytes: u32 = 3;
const rawOf20Bits: u32 = 3 << 2;
/** Modes of a block in which the lengths of literals have a table. */
const lengthTable: u8 = 0x94;
const matchBytesMin: u32 = 3;

/**
 * Writes the content between `start` and `end` and returns the end of the blocks. What lies before
 * `firstRow` becomes literals, and so does a remainder of less than a row before `end`.
 */
export function writeRows<T>(
  target: usize,
  start: usize,
  firstRow: usize,
  end: usize,
  lowBytes: u32,
  isDistanceNamed: bool,
): usize {
  if (!isDistanceNamed) {
    const row = firstNear<T>(firstRow, end, lowBytes);
    if (row === 0) return writeRaw(target, start, end);
    target = writeRaw(target, start, row);
    target = writeSequence(target, row, lowBytes, sizeof<T>(), sizeof<T>() - lowBytes);
    start = firstRow = row + sizeof<T>();
  }
  while (start < end) {
    const partEnd = min(end, firstRow + (blockBytesMax - sizeof<T>()));
    target = writeBlock<T>(target, start, firstRow, partEnd, lowBytes);
    start = firstRow = partEnd;
  }
  return target;
}

/** Writes the content as raw blocks. */
function writeRaw(target: usize, start: usize, end: usize): usize {
  while (start < end) {
    const bytes = min(<u32>(end - start), blockBytesMax);
    const content = writeRawHeader(target, bytes);
    memory.copy(content, start, bytes);
    target = content + bytes;
    start += bytes;
  }
  return target;
}

/** Writes one block; a raw block if that is not longer. */
function writeBlock<T>(
  target: usize,
  start: usize,
  firstRow: usize,
  end: usize,
  lowBytes: u32,
): usize {
  const content = target + blockHeaderBytes;
  const literals = content + sizeBytes;
  const literalsEnd = writeLiterals<T>(literals, start, firstRow, end, lowBytes);
  if (symbolCount === 0) return writeRaw(target, start, end);
  const size = rawOf20Bits | ((<u32>(literalsEnd - literals)) << 4);
  store<u16>(content, <u16>size);
  store<u8>(content + 2, <u8>(size >> 16));
  let output = writeSequenceCount(literalsEnd, symbolCount);
  store<u8>(output++, codeCount > 1 ? lengthTable : singleCodes);
  if (codeCount > 1) {
    buildCode();
    output = writeShares(output);
  } else {
    store<u8>(output++, <u8>anyCode);
  }
  store<u8>(output++, 0);
  store<u8>(output++, <u8>(sizeof<T>() - lowBytes - matchBytesMin));
  output = writeRowCodes<T>(output, start, firstRow, end, lowBytes);
  if (output - content >= end - start) return writeRaw(target, start, end);
  writeBlockHeader(target, compressedType, <u32>(output - content));
  return output;
}

/** Writes the literals and counts the codes of their lengths. Returns the end. */
function writeLiterals<T>(
  target: usize,
  start: usize,
  firstRow: usize,
  end: usize,
  lowBytes: u32,
): usize {
  clearCode();
  // The literals since the last match, and the near rows right behind another.
  let pending = <u32>(firstRow - start);
  let together: u32 = 0;
  memory.copy(target, start, pending);
  target += pending;
  let row = firstRow;
  while (row + sizeof<T>() <= end) {
    if (pending === 0 && row + sizeof<T>() * 4 <= end && areFourNear<T>(row, lowBytes)) {
      for (const rowsEnd = row + sizeof<T>() * 4; row < rowsEnd; row += sizeof<T>()) {
        store<T>(target, load<T>(row));
        target += lowBytes;
      }
      together += 4;
      continue;
    }
    store<T>(target, load<T>(row));
    if (!isNear<T>(row, lowBytes)) {
      target += sizeof<T>();
      pending += <u32>sizeof<T>();
    } else {
      target += lowBytes;
      if (pending === 0) together++;
      else countSymbols(lengthCode(pending + lowBytes), 1);
      pending = 0;
    }
    row += sizeof<T>();
  }
  countSymbols(lowBytes, together);
  memory.copy(target, row, end - row);
  return target + (end - row);
}
