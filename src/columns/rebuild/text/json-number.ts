/** Writes JSON numbers as members of AnyValue. A number with a point or an exponent is a double. */

import { fixed64Type, varintType, type WireWriter } from '../wire/wire-writer.ts';
import type { JsonText } from './json-text.ts';

const intTag = (3 << 3) | varintType;
const doubleTag = (4 << 3) | fixed64Type;

const minus = 0x2d;
const plus = 0x2b;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const upperE = 0x45;
const lowerE = 0x65;

/** A number of this many digits is less than 2^53: a JavaScript number holds it exactly. */
const exactDigits = 15;

/** "-9223372036854775808" */
const int64DigitsMax = 19;

/** More characters than the shortest text of any double has. Every reader needs a bound. */
const doubleTextMax = 1100;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** Writes the number that begins at the next byte. */
export function writeNumber(out: WireWriter, json: JsonText): void {
  const start = json.position;
  const isNegative = json.source[start] === minus;
  if (isNegative) json.position++;
  const digitsStart = json.position;
  const value = takeDigits(json);
  const digits = json.position - digitsStart;
  if (digits > 1 && json.source[digitsStart] === zero) throw json.fault('a number begins with 0');
  if (takeFraction(json)) writeDouble(out, json, start);
  else if (digits <= exactDigits) writeExact(out, isNegative ? -value : value);
  else writeLarge(out, json, start, digits);
}

/**
 * Reads at least one digit. Returns the value of the digits, which is exact for up to `exactDigits`
 * digits.
 */
function takeDigits(json: JsonText): number {
  const { source, end } = json;
  const start = json.position;
  let value = 0;
  let position = start;
  while (position < end) {
    const byte = source[position]!;
    if (byte < zero || byte > nine) break;
    value = value * 10 + byte - zero;
    position++;
  }
  json.position = position;
  if (position === start) throw json.fault('a value is expected');
  return value;
}

/** Reads a point with its digits, and an exponent. Returns false if there is neither. */
function takeFraction(json: JsonText): boolean {
  let isDouble = false;
  if (next(json) === point) {
    isDouble = true;
    json.position++;
    takeDigits(json);
  }
  if (next(json) === lowerE || next(json) === upperE) {
    isDouble = true;
    json.position++;
    if (next(json) === plus || next(json) === minus) json.position++;
    takeDigits(json);
  }
  return isDouble;
}

function next(json: JsonText): number {
  return json.position < json.end ? json.source[json.position]! : 0;
}

/** Writes the nearest double; `Number` finds it for every text. */
function writeDouble(out: WireWriter, json: JsonText, start: number): void {
  if (json.position - start > doubleTextMax) throw json.fault('a number has too many digits');
  double[0] = Number(json.asciiFrom(start));
  if (!Number.isFinite(double[0])) throw json.fault('a number is too large');
  out.writeFixed64(doubleTag, words[0]!, words[1]!);
}

/** Writes the halves of a whole number whose magnitude is below 2^53, in two's complement. */
function writeExact(out: WireWriter, value: number): void {
  out.writeVarint64(intTag, value >>> 0, Math.floor(value / 2 ** 32) >>> 0);
}

function writeLarge(out: WireWriter, json: JsonText, start: number, digits: number): void {
  if (digits > int64DigitsMax) throw json.fault('a number is too large');
  const value = BigInt(json.asciiFrom(start));
  if (value !== BigInt.asIntN(64, value)) throw json.fault('a number is too large');
  const bits = BigInt.asUintN(64, value);
  out.writeVarint64(intTag, Number(bits & 0xffffffffn), Number(bits >> 32n));
}
