/** The shortest decimal number that reads back as a double: the Schubfach algorithm. */
import { powerOfTen } from './powers-of-ten.ts';

/*
 * Raffaello Giulietti, "The Schubfach way to render doubles" (2020). A double v = c 2^q is nearer
 * than its neighbours to every number of an interval. With 10^k the greatest power of ten not above
 * the interval's width, at most one multiple of 10^(k+1) and at least one of 10^k lies inside: the
 * candidates are the multiples of either on both sides of v. The interval's ends and v are scaled
 * by 10^-k with one multiplication each; 128 bits of the power suffice for all doubles.
 */

const significandBits: u64 = 52;
const significandMask: u64 = (1 << significandBits) - 1;
const hiddenBit: u64 = 1 << significandBits;
const exponentMask: u64 = 0x7ff;
/** Bias of the exponent of the significand's last bit: 1023 + 52. */
const exponentBias: i32 = 1075;

/** The result: v = shortestDigits x 10^shortestExponent. */
export let shortestDigits: u64 = 0;
export let shortestExponent: i32 = 0;

/**
 * Finds the shortest digits of a positive finite double. If several texts are shortest, the nearest
 * to the double is chosen.
 */
export function findShortest(value: f64): void {
  const bits = reinterpret<u64>(value);
  const fraction = bits & significandMask;
  const biased = <i32>((bits >> significandBits) & exponentMask);
  const significand = biased === 0 ? fraction : fraction | hiddenBit;
  const exponent = max(biased, 1) - exponentBias;
  findInInterval(significand, exponent, fraction === 0 && biased > 1);
}

/** Below a power of two the next double is only half as far away as above it. */
function findInInterval(significand: u64, exponent: i32, isPowerOfTwo: bool): void {
  const power = isPowerOfTwo ? floorLogTenThreeQuarters(exponent) : floorLogTen(exponent);
  const shift = <u64>(exponent + floorLogTwoOfTen(-power) + 1);
  const scale = powerOfTen(-power);
  const isOdd = significand & 1;
  const quadruple = significand << 2;
  const lower = scaled(scale, (quadruple - (isPowerOfTwo ? 1 : 2)) << shift) + isOdd;
  const middle = scaled(scale, quadruple << shift);
  const upper = scaled(scale, (quadruple + 2) << shift) - isOdd;

  const below = middle >> 2;
  const tens = below / 10;
  const lowerTens = lower <= 40 * tens;
  const upperTens = 40 * tens + 40 <= upper;
  if (below >= 10 && lowerTens !== upperTens) {
    setShortest(tens + <u64>upperTens, power + 1);
    return;
  }
  const lowerOnes = lower <= 4 * below;
  const upperOnes = 4 * below + 4 <= upper;
  const half = 4 * below + 2;
  const nearerUpper = middle > half || (middle === half && (below & 1) !== 0);
  const takesUpper = lowerOnes !== upperOnes ? upperOnes : nearerUpper;
  setShortest(below + <u64>takesUpper, power);
}

function setShortest(digits: u64, exponent: i32): void {
  while (digits % 10 === 0) {
    digits /= 10;
    exponent++;
  }
  shortestDigits = digits;
  shortestExponent = exponent;
}

/** floor(log10(2^e)), floor(log10(3/4 2^e)) and floor(log2(10^e)), exact for all exponents here. */
function floorLogTen(e: i32): i32 {
  return (e * 1262611) >> 22;
}

function floorLogTenThreeQuarters(e: i32): i32 {
  return (e * 1262611 - 524031) >> 22;
}

function floorLogTwoOfTen(e: i32): i32 {
  return (e * 1741647) >> 19;
}

/**
 * floor(power x factor / 2^128), with the lowest bit set if anything was cut off ("rounded to
 * odd"), which keeps comparisons with whole numbers right. That the power was rounded up, by less
 * than 1, shows in the lowest of the product's three words at most, which is not looked at.
 */
function scaled(power: usize, factor: u64): u64 {
  const high = load<u64>(power);
  const middle = high * factor;
  const sum = middle + multiplyHigh(load<u64>(power, 8), factor);
  const carry = <u64>(sum < middle);
  return (multiplyHigh(high, factor) + carry) | <u64>(sum !== 0);
}

/** The upper 64 bits of a product. */
function multiplyHigh(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const cross = aHigh * bLow + ((aLow * bLow) >> 32);
  const sum = aLow * bHigh + (cross & 0xffffffff);
  return aHigh * bHigh + (cross >> 32) + (sum >> 32);
}
