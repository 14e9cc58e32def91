/** Writes JSON strings as string fields. */

import type { WireWriter } from '../wire/wire-writer.ts';
import type { JsonText } from './json-text.ts';

const quote = 0x22;
const backslash = 0x5c;
const lowerU = 0x75;
const firstPrintable = 0x20;

/** Bytes by the letter behind the backslash. */
const escapes: ReadonlyMap<number, number> = new Map(
  Object.entries({
    '"': '"',
    '\\': '\\',
    '/': '/',
    b: '\b',
    f: '\f',
    n: '\n',
    r: '\r',
    t: '\t',
  }).map(([letter, character]) => [letter.charCodeAt(0), character.charCodeAt(0)]),
);

/** Room for tag and length. A character takes no more bytes than its escape. */
const roomBeyondText = 16;

const hexDigits = /^[0-9a-fA-F]{4}$/;

/** Writes the string that begins at the next byte, a quote, as a field with this tag. */
export function writeString(out: WireWriter, tag: number, json: JsonText): void {
  out.reserve(json.end - json.position + roomBeyondText);
  if (!copyShort(out, tag, json)) writeAnyString(out, tag, json);
}

/**
 * Writes a string that needs no escape and is shorter than 128 bytes, as most are: tag, length and
 * text at once. For any other string it writes nothing and returns false.
 */
function copyShort(out: WireWriter, tag: number, json: JsonText): boolean {
  const { bytes, end: start } = out;
  const textBytes = copyPlainText(json, json.position, bytes, start + 2);
  if (textBytes < 0) return false;
  bytes[start] = tag;
  bytes[start + 1] = textBytes;
  out.end = start + 2 + textBytes;
  json.position += textBytes + 2;
  return true;
}

/**
 * Copies the text of the string whose opening quote is at `quoteAt`. Returns its bytes, fewer than
 * 128; -1 for a string that is longer or contains an escape.
 */
export function copyPlainText(
  { source, end }: JsonText,
  quoteAt: number,
  target: Uint8Array,
  targetStart: number,
): number {
  const start = quoteAt + 1;
  const last = Math.min(end, start + 0x80);
  let to = targetStart;
  for (let from = start; from < last; from++) {
    const byte = source[from]!;
    if (byte === quote) return from - start;
    if (byte === backslash || byte < firstPrintable) return -1;
    target[to++] = byte;
  }
  return -1;
}

function writeAnyString(out: WireWriter, tag: number, json: JsonText): void {
  const contentStart = out.open(tag);
  json.position++;
  while (!copyPlain(out, json)) writeEscaped(out, json);
  out.close(contentStart);
}

/** Copies plain text. Returns true behind the closing quote, false behind a backslash. */
function copyPlain(out: WireWriter, json: JsonText): boolean {
  const { source, end } = json;
  const target = out.bytes;
  let from = json.position;
  let to = out.end;
  let byte = 0;
  while (from < end) {
    byte = source[from]!;
    if (byte === quote || byte === backslash || byte < firstPrintable) break;
    target[to++] = byte;
    from++;
  }
  out.end = to;
  json.position = from;
  if (from === end) throw json.fault('a string has no end');
  if (byte < firstPrintable) throw json.fault('a control character is not escaped');
  json.position++;
  return byte === quote;
}

/** Writes the character of an escape, whose backslash has been read. */
function writeEscaped(out: WireWriter, json: JsonText): void {
  const letter = json.position < json.end ? json.source[json.position]! : 0;
  json.position++;
  const byte = escapes.get(letter);
  if (byte !== undefined) out.bytes[out.end++] = byte;
  else if (letter === lowerU) writeCharacter(out, readCodePoint(json));
  else throw json.fault('no such escape');
}

/** Reads the four hex digits of a character; for a surrogate pair it reads both escapes. */
function readCodePoint(json: JsonText): number {
  const unit = readUnit(json);
  if (unit < 0xd800 || unit > 0xdfff) return unit;
  if (unit > 0xdbff) throw json.fault('half a surrogate pair');
  json.takeWord('\\u');
  const low = readUnit(json);
  if (low < 0xdc00 || low > 0xdfff) throw json.fault('half a surrogate pair');
  return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

function readUnit(json: JsonText): number {
  const start = json.position;
  json.position = Math.min(start + 4, json.end);
  const digits = json.asciiFrom(start);
  if (!hexDigits.test(digits)) throw json.fault('an escape without four hex digits');
  return Number.parseInt(digits, 16);
}

function writeCharacter(out: WireWriter, codePoint: number): void {
  const { bytes } = out;
  if (codePoint < 0x80) {
    bytes[out.end++] = codePoint;
    return;
  }
  const following = codePoint < 0x800 ? 1 : codePoint < 0x10000 ? 2 : 3;
  // The lead byte begins with as many ones as the character has bytes; each following byte holds
  // six bits.
  bytes[out.end++] = ((0xf80 >> following) & 0xff) | (codePoint >> (6 * following));
  for (let left = following - 1; left >= 0; left--) {
    bytes[out.end++] = 0x80 | ((codePoint >> (6 * left)) & 0x3f);
  }
}
