/** Writes attributes as one JSON object, in the order in which they are read. */

import { ByteBuffer } from '../memory/byte-buffer.ts';
import { closeBrace, comma, openBrace } from '../text/ascii.ts';
import { failure, moveTo, position } from '../wire/cursor.ts';
import { irregularCount } from '../wire/irregular.ts';
import { Wire } from '../wire/wire-reader.ts';
import { appendKeyValue } from './any-value.ts';
import { findAttribute, keepAttribute, textAddress, textBytes } from './attribute-cache.ts';

/** The level of an attribute's value; nested values are deeper. */
const attributeLevel: u32 = 1;

/** Opens an object. Returns where its content starts, for `readAttribute`. */
export function startObject(out: ByteBuffer): u32 {
  out.appendByte(openBrace);
  return out.bytes;
}

/** Reads a KeyValue into the object whose content starts at `contentStart`. */
export function readAttribute(out: ByteBuffer, contentStart: u32, end: usize): void {
  if (out.bytes > contentStart) out.appendByte(comma);
  const contentEnd = Wire.readContentEnd(end);
  const address = position;
  const bytes = <u32>(contentEnd - address);
  const known = findAttribute(address, bytes);
  if (known !== 0) {
    moveTo(contentEnd);
    out.append(textAddress(known), textBytes(known));
    return;
  }
  const textStart = out.bytes;
  const irregularBefore = irregularCount;
  appendKeyValue(out, contentEnd, attributeLevel);
  if (failure !== 0 || irregularCount !== irregularBefore) return;
  keepAttribute(address, bytes, out.address + textStart, out.bytes - textStart);
}

/** Reads a KeyValue without the cache, so that `lastString` is set. */
export function readAttributeAnew(out: ByteBuffer, contentStart: u32, end: usize): void {
  if (out.bytes > contentStart) out.appendByte(comma);
  appendKeyValue(out, Wire.readContentEnd(end), attributeLevel);
}

export function endObject(out: ByteBuffer): void {
  out.appendByte(closeBrace);
}
