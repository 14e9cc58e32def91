/** Attributes as one JSON object, written while they come. */

import { ByteBuffer } from '../memory/byte-buffer.ts';
import { closeBrace, comma, openBrace } from '../text/ascii.ts';
import { failure, moveTo, position } from '../wire/cursor.ts';
import { irregularCount } from '../wire/irregular.ts';
import { Wire } from '../wire/wire-reader.ts';
import { appendKeyValue } from './any-value.ts';
import { findAttribute, keepAttribute, textAddress, textBytes } from './attribute-cache.ts';

/** The value of an attribute; what is inside of it is deeper. */
const attributeLevel: u32 = 1;

/** Opens an object; gives back where its content starts, for `readAttribute`. */
export function startObject(out: ByteBuffer): u32 {
  out.appendByte(openBrace);
  return out.bytes;
}

/** Takes a field that is a KeyValue into the object whose content starts at `contentStart`. */
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

/** The same for attributes whose last string value is asked for afterwards. */
export function readAttributeAnew(out: ByteBuffer, contentStart: u32, end: usize): void {
  if (out.bytes > contentStart) out.appendByte(comma);
  appendKeyValue(out, Wire.readContentEnd(end), attributeLevel);
}

export function endObject(out: ByteBuffer): void {
  out.appendByte(closeBrace);
}
