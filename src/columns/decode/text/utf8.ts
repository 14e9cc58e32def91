/** Appends text as valid UTF-8: ill-formed bytes become U+FFFD, as in every web browser. */
import { ByteBuffer } from '../memory/byte-buffer.ts';
import { failedPosition } from '../wire/cursor.ts';
import { irregular } from '../wire/irregular.ts';

/** Number of bytes that are checked and copied at once. */
export const chunkBytes: usize = 16;

/** U+FFFD in UTF-8: three bytes, little-endian. */
const replacement: u32 = 0xbdbfef;
const replacementBytes: u32 = 3;

/** Appends a string field's bytes to a column's text. */
export function appendText(out: ByteBuffer, address: usize, bytes: u32): void {
  if (!out.reserve(bytes)) return;
  const end = address + bytes;
  let target = out.end;
  while (address < end) {
    const chunk = v128.load(address);
    v128.store(target, chunk);
    const copied = min(chunkBytes, end - address);
    const plain = plainBytes(i8x16.bitmask(chunk), copied);
    address += plain;
    target += plain;
    if (plain === copied) continue;
    out.end = target;
    address = appendNonAscii(out, address, end);
    target = out.end;
  }
  out.end = target;
}

/** Returns how many of the first `bytes` bytes of a chunk come before the first marked byte. */
export function plainBytes(marks: i32, bytes: usize): usize {
  return min(<usize>ctz(marks | (1 << 16)), bytes);
}

/**
 * Appends the characters from `address` up to the next ASCII character and returns its address.
 * Each maximal ill-formed subpart becomes one U+FFFD. The caller has made room for all bytes up to
 * `end` and `roomBehind` more; this function keeps that room.
 */
export function appendNonAscii(
  out: ByteBuffer,
  address: usize,
  end: usize,
  roomBehind: u32 = 0,
): usize {
  while (address < end && load<u8>(address) >= 0x80) {
    const bytes = characterBytes(address, end);
    if (bytes > 0) {
      store<u32>(out.end, load<u32>(address));
      out.bytes += bytes;
      address += bytes;
    } else {
      irregular();
      address += -bytes;
      if (!out.reserve(replacementBytes + <u32>(end - address) + roomBehind)) return failedPosition;
      store<u32>(out.end, replacement);
      out.bytes += replacementBytes;
    }
  }
  return address;
}

/**
 * Returns the length of the character at `address`, which is not ASCII. For an ill-formed sequence
 * it returns the negative length of the maximal subpart (The Unicode Standard, table 3-7): the
 * longest start of some well-formed sequence, or a single byte.
 */
function characterBytes(address: usize, end: usize): i32 {
  const lead = <u32>load<u8>(address);
  if (lead < 0xc2 || lead > 0xf4) return -1;
  const bytes: i32 = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (address + 1 >= end || !mayBeSecond(lead, load<u8>(address, 1))) return -1;
  for (let i: i32 = 2; i < bytes; i++) {
    if (address + i >= end || (load<u8>(address + i) & 0xc0) !== 0x80) return -i;
  }
  return bytes;
}

/**
 * Some lead bytes narrow what may follow. So there are no overlong forms, no surrogates and nothing
 * above U+10FFFF.
 */
function mayBeSecond(lead: u32, second: u32): bool {
  const lowest: u32 = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest: u32 = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return second >= lowest && second <= highest;
}
