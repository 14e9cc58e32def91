/**
 * How zstd writes the number of literals before a match: a code, and extra bits for large numbers.
 */

/**
 * Lengths up to this have their own codes. Behind them come these codes, and from 64 powers of two.
 */
const directMax: u32 = 15;
const middleBases = memory.data<u8>([16, 18, 20, 22, 24, 28, 32, 40, 48]);
const middleBits = memory.data<u8>([1, 1, 1, 1, 2, 2, 3, 3, 4]);
const middleCode: u32 = 16;
const powerCode: u32 = 25;
const powerBits: u32 = 6;

export function lengthCode(bytes: u32): u32 {
  if (bytes <= directMax) return bytes;
  if (bytes >= 1 << powerBits) return 31 - clz(bytes) + powerCode - powerBits;
  let code = powerCode - 1;
  while (lengthBase(code) > bytes) code--;
  return code;
}

/** Returns the smallest length of the code; the extra bits hold the difference. */
export function lengthBase(code: u32): u32 {
  if (code <= directMax) return code;
  if (code >= powerCode) return 1 << lengthBits(code);
  return load<u8>(middleBases + code - middleCode);
}

export function lengthBits(code: u32): u32 {
  if (code <= directMax) return 0;
  if (code >= powerCode) return code - powerCode + powerBits;
  return load<u8>(middleBits + code - middleCode);
}
