/** Bytes as a JSON string in base64, with padding. */

import { ByteBuffer } from '../memory/byte-buffer.ts';
import { equalsSign, lowerA, plus, quote, slash, upperA, zero } from './ascii.ts';

/** Appends the quoted base64 text of the bytes. */
export function appendBase64String(out: ByteBuffer, address: usize, bytes: u32): void {
  const textBytes = <u64>(bytes / 3 + 1) * 4 + 2;
  if (!out.reserve(<u32>min(textBytes, <u64>u32.MAX_VALUE))) return;
  let target = out.end;
  store<u8>(target++, quote);
  while (bytes >= 3) {
    storeFour(target, loadThree(address));
    address += 3;
    target += 4;
    bytes -= 3;
  }
  if (bytes > 0) {
    storeFour(target, bytes === 1 ? (<u32>load<u8>(address)) << 16 : loadTwo(address));
    store<u8>(target, equalsSign, 3);
    if (bytes === 1) store<u8>(target, equalsSign, 2);
    target += 4;
  }
  store<u8>(target++, quote);
  out.end = target;
}

function loadTwo(address: usize): u32 {
  return ((<u32>load<u8>(address)) << 16) | ((<u32>load<u8>(address, 1)) << 8);
}

function loadThree(address: usize): u32 {
  return loadTwo(address) | load<u8>(address, 2);
}

/** Stores the four digits of 24 bits. */
function storeFour(target: usize, bits: u32): void {
  store<u8>(target, digit(bits >>> 18));
  store<u8>(target, digit((bits >>> 12) & 63), 1);
  store<u8>(target, digit((bits >>> 6) & 63), 2);
  store<u8>(target, digit(bits & 63), 3);
}

/** Returns the digit of a 6-bit value: A-Z, a-z, 0-9, + and /. */
function digit(value: u32): u32 {
  if (value < 26) return upperA + value;
  if (value < 52) return lowerA + value - 26;
  if (value < 62) return zero + value - 52;
  return value === 62 ? plus : slash;
}
