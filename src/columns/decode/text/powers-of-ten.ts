/** The powers of ten as 128-bit fractions, computed once, for the shortest text of doubles. */

/*
 * Entry of 10^k: the 128 highest bits of its binary digits, rounded up, as two u64 (high, low); the
 * highest bit is 1. All are exact roundings, because they come from whole numbers: 10^k itself for
 * k >= 0, and 2^1152 / 10^-k for k < 0, for which floor(floor(a / b) / c) = floor(a / (b c)).
 *
 * The number being worked on has 36 words of 32 bits, lowest first: 1152 bits, enough for
 * 10^324 (1077 bits) and for 128 bits of 2^1152 / 10^292 (182 bits).
 */

/** The powers that finite doubles need (Giulietti, The Schubfach way to render doubles). */
const smallestPower: i32 = -292;
const greatestPower: i32 = 324;
const entryBytes: usize = 16;

const table: usize = memory.data(9872, 16);

const wordCount: i32 = 36;
const words: usize = memory.data(144);

/** Fills the table. Call it before any double is written. */
export function openPowersOfTen(): void {
  memory.fill(words, 0, wordCount * 4);
  store<u32>(words, 1);
  for (let power = 0; power <= greatestPower; power++) {
    writeEntry(power, false);
    multiplyByTen();
  }
  memory.fill(words, 0xff, wordCount * 4);
  for (let power = -1; power >= smallestPower; power--) {
    divideByTen();
    writeEntry(power, true);
  }
}

/** Returns the address of the high word of 10^power; the low word lies 8 bytes behind it. */
export function powerOfTen(power: i32): usize {
  return table + <usize>(power - smallestPower) * entryBytes;
}

function multiplyByTen(): void {
  let carry: u64 = 0;
  for (let i = 0; i < wordCount; i++) {
    carry += <u64>word(i) * 10;
    store<u32>(words + ((<usize>i) << 2), <u32>carry);
    carry >>= 32;
  }
}

function divideByTen(): void {
  let rest: u64 = 0;
  for (let i = wordCount - 1; i >= 0; i--) {
    const dividend = (rest << 32) | word(i);
    store<u32>(words + ((<usize>i) << 2), <u32>(dividend / 10));
    rest = dividend % 10;
  }
}

/** Returns word `i`; words below the lowest are zeros. */
function word(i: i32): u64 {
  return i < 0 ? 0 : load<u32>(words + ((<usize>i) << 2));
}

function writeEntry(power: i32, hasLostDigits: bool): void {
  let top = wordCount - 1;
  while (word(top) === 0) top--;
  const shift = <u64>clz<u32>(<u32>word(top));
  let high = bitsBelow(top, shift);
  let low = bitsBelow(top - 2, shift);
  if (hasLostDigits || hasBitsBelow(top - 4, shift)) {
    low++;
    if (low === 0) high++;
  }
  store<u64>(powerOfTen(power), high);
  store<u64>(powerOfTen(power), low, 8);
}

/** Returns the 64 bits that begin `shift` bits below the top of word `i` and go downwards. */
function bitsBelow(i: i32, shift: u64): u64 {
  const upper = (word(i) << 32) | word(i - 1);
  return shift === 0 ? upper : (upper << shift) | (word(i - 2) >> (32 - shift));
}

/** True if any bit below those of `bitsBelow(i, shift)` is 1. */
function hasBitsBelow(i: i32, shift: u64): bool {
  if (<u32>(word(i) << shift) !== 0) return true;
  for (let below = i - 1; below >= 0; below--) if (word(below) !== 0) return true;
  return false;
}
