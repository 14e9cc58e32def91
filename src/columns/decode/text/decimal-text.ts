/** Integers as decimal text. */

import { ByteBuffer } from '../memory/byte-buffer.ts';
import { minus, zero } from './ascii.ts';

/** "-9223372036854775808" */
const integerBytesMax: u32 = 20;

/** The texts "00" to "99". */
const pairs: usize = memory.data(200);

/** Fills the table of pairs. Call it before anything is written. */
export function openDecimalText(): void {
  for (let i: u32 = 0; i < 100; i++) {
    store<u8>(pairs + 2 * i, zero + i / 10);
    store<u8>(pairs + 2 * i, zero + (i % 10), 1);
  }
}

export function appendInteger(out: ByteBuffer, value: i64): void {
  if (!out.reserve(integerBytesMax)) return;
  let magnitude = <u64>value;
  if (value < 0) {
    store<u8>(out.end, minus);
    out.bytes++;
    magnitude = -magnitude;
  }
  const digits = digitCount(magnitude);
  writeDigits(out.end, magnitude, digits);
  out.bytes += digits;
}

/** Returns how many decimal digits a number has; 1 for 0. */
export function digitCount(value: u64): u32 {
  let count: u32 = 1;
  for (let bound: u64 = 10; value >= bound; bound *= 10) {
    count++;
    if (count === 20) break;
  }
  return count;
}

/** Writes `digits` digits, which must be as many as the number has or more. */
export function writeDigits(target: usize, value: u64, digits: u32): void {
  let at = target + digits;
  while (digits >= 2) {
    const rest = value / 100;
    at -= 2;
    store<u16>(at, load<u16>(pairs + ((<usize>(value - rest * 100)) << 1)));
    value = rest;
    digits -= 2;
  }
  if (digits === 1) store<u8>(at - 1, <u32>value + zero);
}
