/** Reads JSON text without losing a digit of its whole numbers, and within a bounded depth. */
import { constants, isUtf8 } from 'node:buffer';
import { LosslessNumber, parse } from 'lossless-json';

/** A number that a double may not hold exactly comes as its text, a LosslessNumber. */
export type JsonText =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'too_deep' };

/**
 * 64 levels of values take up to four brackets each, and fewer than 20 lie above them. A bound is
 * needed, since lossless-json calls itself for each bracket.
 */
const bracketDepthMax = 512;

/** Every whole number of 15 digits is a double; some of 16 are not. */
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
 * Of two equal keys the last one counts, as with JSON.parse. A fraction of more than 15 digits may
 * round to a whole number.
 */
export function readJsonText(bytes: Buffer): JsonText {
  if (bytes.length > constants.MAX_STRING_LENGTH) {
    return { kind: 'malformed', reason: 'its text is longer than can be read' };
  }
  if (!isUtf8(bytes)) return { kind: 'malformed', reason: 'its text is not UTF-8' };
  const { bracketDepth, needsExactNumbers } = surveyJson(bytes);
  if (bracketDepth > bracketDepthMax) return { kind: 'too_deep' };
  const text = withoutByteOrderMark(bytes).toString();
  try {
    // The platform's parser is some five times as fast, and few senders write numbers it rounds.
    return { kind: 'value', value: needsExactNumbers ? parseExactly(text) : JSON.parse(text) };
  } catch (error) {
    return { kind: 'malformed', reason: `its text is not JSON (${(error as Error).message})` };
  }
}

/** What must be known before a parser is chosen; of text that is no JSON it may say anything. */
export interface JsonSurvey {
  readonly bracketDepth: number;
  /** There is a whole number of many digits, or one with an exponent that makes it larger. */
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

/** Behind the closing quote. */
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

/** Some senders put one before the text; JSON knows none. */
function withoutByteOrderMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark)
    ? bytes.subarray(byteOrderMark.length)
    : bytes;
}

function parseExactly(text: string): unknown {
  return parse(text, undefined, { onDuplicateKey: ({ newValue }) => newValue });
}

/** Of a JSON value; false for a number that is kept as its text. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  return !(Array.isArray(value) || value instanceof LosslessNumber);
}
