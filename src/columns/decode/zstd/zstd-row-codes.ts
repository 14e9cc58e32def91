/**
 * Writes the codes of a block of rows: how many literals come before each match, beginning with the
 * last match.
 */
import { areFourNear, isNear } from './near-rows.ts';
import {
  bitsTo,
  buildJumps,
  codeCount,
  firstState,
  jumpFrom,
  jumpSymbols,
  stateAt,
  stateBits,
  symbolCount,
} from './zstd-fse.ts';
import { lengthBase, lengthBits, lengthCode } from './zstd-literal-lengths.ts';

/*
 * Before the match of a near row there are its low bytes, and all of the far rows right before it:
 *
 *     row       near │ near │ far │ far │ near │ near
 *     literals        1      ────── 9 ──────     1        with rows of 4 bytes and 1 low byte
 *
 * The codes are those that zstd-rows.ts has counted when it wrote the literals.
 */

/** Below this jumps take longer to prepare than they save. */
const jumpSymbolsMin: u32 = 128;

/** Writes the codes. Returns the end. The arguments are those of the block. */
export function writeRowCodes<T>(
  target: usize,
  start: usize,
  firstRow: usize,
  end: usize,
  lowBytes: u32,
): usize {
  const hasTable = codeCount > 1;
  const canJump = hasTable && symbolCount >= jumpSymbolsMin && buildJumps(lowBytes);
  const jumpBytes = sizeof<T>() * jumpSymbols;
  let bits: u64 = 0;
  let bitCount: u64 = 0;
  let state: u32 = 0;
  const rowsEnd = firstRow + ((end - firstRow) & ~(sizeof<T>() - 1));
  let row = nearBefore<T>(rowsEnd, firstRow, lowBytes);
  while (row >= firstRow) {
    const isShort = !canJump || state === 0 || row < firstRow + jumpBytes;
    if (!isShort && areFourNear<T>(row - jumpBytes, lowBytes)) {
      const jump = jumpFrom(state);
      state = jump & 0xffff;
      bits |= (<u64>((jump >>> 16) & 0xff)) << bitCount;
      bitCount += jump >>> 24;
      row -= jumpBytes;
    } else {
      const before = nearBefore<T>(row, firstRow, lowBytes);
      const literalsStart = before < firstRow ? start : before + sizeof<T>();
      const literalBytes = <u32>(row - literalsStart) + lowBytes;
      const code = lengthCode(literalBytes);
      if (hasTable && state === 0) {
        state = firstState(code);
      } else if (hasTable) {
        const count = bitsTo(state, code);
        bits |= (<u64>(state & ((1 << count) - 1))) << bitCount;
        bitCount += count;
        state = stateAt(state >>> count, code);
      }
      bits |= (<u64>(literalBytes - lengthBase(code))) << bitCount;
      bitCount += lengthBits(code);
      row = before;
    }
    store<u64>(target, bits);
    target += <usize>(bitCount >> 3);
    bits >>= bitCount & ~7;
    bitCount &= 7;
  }
  if (hasTable) {
    bits |= (<u64>(state & ((1 << stateBits) - 1))) << bitCount;
    bitCount += stateBits;
  }
  // A 1 marks the end.
  store<u64>(target, bits | ((<u64>1) << bitCount));
  return target + <usize>((bitCount + 8) >> 3);
}

/** Returns the last near row before a row; an address below `firstRow` if there is none. */
function nearBefore<T>(row: usize, firstRow: usize, lowBytes: u32): usize {
  do row -= sizeof<T>();
  while (row >= firstRow && !isNear<T>(row, lowBytes));
  return row;
}
