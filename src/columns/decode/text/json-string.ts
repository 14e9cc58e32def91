/** Strings as JSON text. */

import { ByteBuffer } from '../memory/byte-buffer.ts';
import { failedPosition } from '../wire/cursor.ts';
import { backslash, lowerU, quote } from './ascii.ts';
import { appendNonAscii, chunkBytes, plainBytes } from './utf8.ts';

const quoteBytes: u32 = 1;

/** "\u001f" is the longest that one byte becomes. */
const escapeBytesMax: u32 = 6;

/**
 * The letter behind the backslash for the bytes 0x08 to 0x0d; 0 for the vertical tab, for which
 * JSON has none.
 */
const shortEscapes: usize = memory.data<u8>([0x62, 0x74, 0x6e, 0, 0x66, 0x72]);
const shortEscapesFirst: u32 = 0x08;
const shortEscapesLast: u32 = 0x0d;

const hexDigits: usize = memory.data<u8>([
  0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66,
]);

/**
 * Appends the bytes of a string field, quoted and escaped. Bytes that are not UTF-8 become U+FFFD.
 */
export function appendJsonString(out: ByteBuffer, address: usize, bytes: u32): void {
  if (!out.reserve(bytes + 2 * quoteBytes)) return;
  const end = address + bytes;
  let target = out.end;
  store<u8>(target++, quote);
  while (address < end) {
    const chunk = v128.load(address);
    v128.store(target, chunk);
    const copied = min(chunkBytes, end - address);
    const plain = plainBytes(marksOfSpecial(chunk), copied);
    address += plain;
    target += plain;
    if (plain === copied) continue;
    out.end = target;
    address = appendSpecial(out, address, end);
    target = out.end;
  }
  store<u8>(target++, quote);
  out.end = target;
}

/** Returns a bit for each byte that must be escaped or is not ASCII. */
function marksOfSpecial(chunk: v128): i32 {
  const notPrintable = i8x16.lt_s(chunk, i8x16.splat(0x20));
  const isQuote = i8x16.eq(chunk, i8x16.splat(<i8>quote));
  const isBackslash = i8x16.eq(chunk, i8x16.splat(<i8>backslash));
  return i8x16.bitmask(v128.or(notPrintable, v128.or(isQuote, isBackslash)));
}

/**
 * Appends the escape or the character of the special byte at `address`. Returns the address behind
 * it.
 */
function appendSpecial(out: ByteBuffer, address: usize, end: usize): usize {
  const byte = <u32>load<u8>(address);
  if (byte >= 0x80) return appendNonAscii(out, address, end, quoteBytes);
  address++;
  if (!out.reserve(escapeBytesMax + <u32>(end - address) + quoteBytes)) return failedPosition;
  appendEscape(out, byte);
  return address;
}

function appendEscape(out: ByteBuffer, byte: u32): void {
  let letter = byte;
  if (byte < 0x20) {
    const isShort = byte >= shortEscapesFirst && byte <= shortEscapesLast;
    letter = isShort ? load<u8>(shortEscapes + byte - shortEscapesFirst) : 0;
  }
  const target = out.end;
  store<u8>(target, backslash);
  if (letter !== 0) {
    store<u8>(target, letter, 1);
    out.bytes += 2;
  } else {
    store<u8>(target, lowerU, 1);
    store<u16>(target, 0x3030, 2);
    store<u8>(target, load<u8>(hexDigits + (byte >>> 4)), 4);
    store<u8>(target, load<u8>(hexDigits + (byte & 15)), 5);
    out.bytes += escapeBytesMax;
  }
}
