/** Reads JSON text within a bounded depth, and keeps all digits of its whole numbers. */
import { constants } from 'node:buffer';
import { LosslessNumber, parse } from 'lossless-json';

/** In a value, a number that a double may not hold exactly is a LosslessNumber, with its text. */
export type JsonText =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'too_deep' };

/**
 * 64 levels of values take up to four brackets each, and fewer than 20 lie above them. The depth
 * must be bounded because lossless-json recurses for each bracket.
 */
const bracketDepthMax = 512;

/** A double holds every whole number of 15 digits exactly, but not every one of 16. */
const exactDigitsMax = 15;

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

const quote = 0x22;
const minus = 0x2d;
const point = 0x2e;
const digit0 = 0x30;
const digit9 = 0x39;
const upperE = 0x45;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const lowerE = 0x65;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Bytes that are not UTF-8 become U+FFFD. If a key is repeated, the last value counts, as in
 * JSON.parse. A fraction of more than 15 digits may be rounded to a whole number.
 */
export function readJsonText(bytes: Buffer): JsonText {
  if (bytes.length > constants.MAX_STRING_LENGTH) {
    return { kind: 'malformed', reason: 'its text is longer than can be read' };
  }
  const { bracketDepth, needsExactNumbers } = surveyJson(bytes);
  if (bracketDepth > bracketDepthMax) return { kind: 'too_deep' };
  const text = withoutByteOrderMark(bytes).toString();
  try {
    // JSON.parse is about five times as fast, and few senders write numbers that it rounds.
    return { kind: 'value', value: needsExactNumbers ? parseExactly(text) : JSON.parse(text) };
  } catch (error) {
    return { kind: 'malformed', reason: `its text is not JSON (${(error as Error).message})` };
  }
}

/** What decides the choice of the parser. For text that is not JSON, the fields may be wrong. */
export interface JsonSurvey {
  readonly bracketDepth: number;
  /** True if a whole number has too many digits, or an exponent that makes it larger. */
  readonly needsExactNumbers: boolean;
}

export function surveyJson(bytes: Uint8Array): JsonSurvey {
  let depth = 0;
  let bracketDepth = 0;
  let needsExactNumbers = false;
  let index = 0;
  while (index < bytes.length) {
    const byte = bytes[index]!;
    if (byte === quote) {
      index = stringEnd(bytes, index + 1);
    } else if (byte >= digit0 && byte <= digit9) {
      const wholeEnd = digitsEnd(bytes, index);
      const end = bytes[wholeEnd] === point ? digitsEnd(bytes, wholeEnd + 1) : wholeEnd;
      needsExactNumbers ||= wholeEnd - index > exactDigitsMax || hasGrowingExponent(bytes, end);
      index = end;
    } else {
      if (byte === openBrace || byte === openBracket) depth += 1;
      else if (byte === closeBrace || byte === closeBracket) depth -= 1;
      if (depth > bracketDepth) bracketDepth = depth;
      index += 1;
    }
  }
  return { bracketDepth, needsExactNumbers };
}

/** Returns the offset behind the closing quote. */
function stringEnd(bytes: Uint8Array, start: number): number {
  let index = start;
  while (index < bytes.length && bytes[index] !== quote) {
    index += bytes[index] === backslash ? 2 : 1;
  }
  return index + 1;
}

function digitsEnd(bytes: Uint8Array, start: number): number {
  let index = start;
  while (index < bytes.length && bytes[index]! >= digit0 && bytes[index]! <= digit9) index += 1;
  return index;
}

function hasGrowingExponent(bytes: Uint8Array, index: number): boolean {
  const isExponent = bytes[index] === lowerE || bytes[index] === upperE;
  return isExponent && bytes[index + 1] !== minus;
}

/** Some senders write a byte order mark in front of the text; JSON does not allow it. */
function withoutByteOrderMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark)
    ? bytes.subarray(byteOrderMark.length)
    : bytes;
}

function parseExactly(text: string): unknown {
  return parse(text, undefined, { onDuplicateKey: ({ newValue }) => newValue });
}

/** True if a JSON value is an object; false for a LosslessNumber. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  return !(Array.isArray(value) || value instanceof LosslessNumber);
}
