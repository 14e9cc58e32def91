/** Doubles as JSON text, in JavaScript's style but always recognisable as doubles. */

import { ByteBuffer } from '../memory/byte-buffer.ts';
import { lowerE, minus, plus, point, zero } from './ascii.ts';
import { appendInteger, digitCount, writeDigits } from './decimal-text.ts';
import { findShortest, shortestDigits, shortestExponent } from './shortest-double.ts';

/** Sign, 21 digits or "0.00000" and 17 digits, ".0"; with room to spare. */
const doubleBytesMax: u32 = 40;

/** Up to this bound every whole number is a double, so its own digits are the shortest text. */
const wholeMax: f64 = 9007199254740991;

/** JavaScript writes an exponent if the point is further right or left than these bounds. */
const pointMax: i32 = 21;
const pointMin: i32 = -5;

/**
 * The shortest digits that read back equal, as JavaScript's String() gives them, with ".0" where
 * that shows neither a point nor an exponent: 200.0, 1e+21, -0.0. NaN and infinities are strings.
 */
export function appendDouble(out: ByteBuffer, value: f64): void {
  if (!out.reserve(doubleBytesMax)) return;
  if (abs(value) <= f64.MAX_VALUE) appendFinite(out, value);
  else appendNonFinite(out, value);
}

function appendFinite(out: ByteBuffer, value: f64): void {
  if (reinterpret<u64>(value) >> 63 !== 0) {
    append(out, minus);
    value = -value;
  }
  if (value <= wholeMax && floor(value) === value) {
    appendInteger(out, <i64>value);
    appendPointZero(out);
    return;
  }
  findShortest(value);
  const digits = digitCount(shortestDigits);
  appendDecimal(out, shortestDigits, digits, <i32>digits + shortestExponent);
}

/** Appends digits with the point behind the first `pointPlace` digits. */
function appendDecimal(out: ByteBuffer, value: u64, digits: u32, pointPlace: i32): void {
  if (pointPlace > pointMax || pointPlace < pointMin) {
    appendWithExponent(out, value, digits, pointPlace - 1);
  } else if (pointPlace <= 0) {
    append(out, zero);
    append(out, point);
    appendZeros(out, -pointPlace);
    writeDigits(out.end, value, digits);
    out.bytes += digits;
  } else if (pointPlace >= <i32>digits) {
    writeDigits(out.end, value, digits);
    out.bytes += digits;
    appendZeros(out, pointPlace - digits);
    appendPointZero(out);
  } else {
    appendWithPoint(out, value, digits, pointPlace);
  }
}

/** Writes all digits one place too far to the right, then moves those before the point. */
function appendWithPoint(out: ByteBuffer, value: u64, digits: u32, pointPlace: u32): void {
  const target = out.end;
  writeDigits(target + 1, value, digits);
  memory.copy(target, target + 1, pointPlace);
  store<u8>(target + pointPlace, point);
  out.bytes += digits + 1;
}

function appendWithExponent(out: ByteBuffer, value: u64, digits: u32, exponent: i32): void {
  if (digits === 1) append(out, zero + <u32>value);
  else appendWithPoint(out, value, digits, 1);
  append(out, lowerE);
  append(out, exponent < 0 ? minus : plus);
  const magnitude = <u64>abs(exponent);
  const exponentDigits = digitCount(magnitude);
  writeDigits(out.end, magnitude, exponentDigits);
  out.bytes += exponentDigits;
}

function appendZeros(out: ByteBuffer, count: u32): void {
  memory.fill(out.end, <u8>zero, count);
  out.bytes += count;
}

function appendPointZero(out: ByteBuffer): void {
  append(out, point);
  append(out, zero);
}

function appendNonFinite(out: ByteBuffer, value: f64): void {
  if (value > 0) out.appendAscii('"Infinity"');
  else out.appendAscii(value < 0 ? '"-Infinity"' : '"NaN"');
}

/** Appends a byte; the caller has made room. */
function append(out: ByteBuffer, byte: u32): void {
  store<u8>(out.end, byte);
  out.bytes++;
}
