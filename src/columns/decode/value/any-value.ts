/** AnyValue, KeyValue and the lists of them as JSON text. */

import { ByteBuffer } from '../memory/byte-buffer.ts';
import { closeBrace, closeBracket, colon, comma, openBrace, openBracket } from '../text/ascii.ts';
import { appendBase64String } from '../text/base64.ts';
import { appendInteger } from '../text/decimal-text.ts';
import { appendDouble } from '../text/double-text.ts';
import { appendJsonString } from '../text/json-string.ts';
import { fail, failure, moveTo, position, tooDeep } from '../wire/cursor.ts';
import { FrameText } from '../wire/frame-text.ts';
import { irregular } from '../wire/irregular.ts';
import {
  anyValueMessage,
  arrayMessage,
  keyValueMessage,
  listMessage,
} from '../wire/known-fields.ts';
import { skipField } from '../wire/skip-field.ts';
import { bytesType, Wire } from '../wire/wire-reader.ts';
import {
  arrayTag,
  boolTag,
  bytesTag,
  doubleTag,
  intTag,
  isMember,
  listTag,
  nothing,
  stringTag,
} from './any-value-members.ts';

/*
 * If a message occurs twice where one is expected, protobuf merges both: their bytes together are
 * one message. The last member of a oneof replaces the others, but a list that occurs twice in
 * succession is continued. Here this happens in the text itself: it is cut back to where the value
 * began, or its closing bracket is removed. The usual value, which has one member and nothing else,
 * pays nothing for this.
 */

/**
 * Values nested deeper are refused. The value of an attribute is at level 1; an element of an array
 * or of a list of keys and values is one level deeper than the array or list.
 */
const levelsMax: u32 = 64;

/** The field of ArrayValue and of KeyValueList. */
const elementTag: u32 = (1 << 3) | bytesType;

const keyTag: u32 = (1 << 3) | bytesType;
const valueTag: u32 = (2 << 3) | bytesType;

/** Size of a bracket or brace. */
const openingBytes: u32 = 1;
const closingBytes: u32 = 1;

/** The member that was set in the value that was read last, and the string that was read last. */
let lastMember: u32 = nothing;
export const lastString = new FrameText();

/** True if the value of the KeyValue that was read last is a string. Then it is `lastString`. */
export function lastValueIsString(): bool {
  return lastMember === stringTag;
}

/** Appends `"key":value` of the KeyValue that ends at `end`, whose value is at `level`. */
export function appendKeyValue(out: ByteBuffer, end: usize, level: u32): void {
  const start = position;
  const textStart = out.bytes;
  if (start < end && Wire.readTag(end) === keyTag) {
    appendKey(out, Wire.readContent(end));
    if (position < end && Wire.readTag(end) === valueTag && Wire.readContentEnd(end) === end) {
      finishValue(out, appendMembers(out, end, level, out.bytes, nothing));
      return;
    }
  }
  if (failure !== 0) return;
  moveTo(start);
  out.bytes = textStart;
  appendUnusualKeyValue(out, end, level);
}

/** Appends the key that lies between `address` and the cursor. */
function appendKey(out: ByteBuffer, address: usize): void {
  appendJsonString(out, address, <u32>(position - address));
  out.appendByte(colon);
}

/**
 * Reads a KeyValue whose fields are in another order, missing, repeated or unknown. It reads twice
 * because the text needs the key first.
 */
function appendUnusualKeyValue(out: ByteBuffer, end: usize, level: u32): void {
  const start = position;
  appendLastKey(out, end);
  if (failure !== 0) return;
  moveTo(start);
  const textStart = out.bytes;
  let member = nothing;
  let values: u32 = 0;
  while (position < end) {
    const tag = Wire.readTag(end);
    if (tag === valueTag) {
      member = appendMembers(out, Wire.readContentEnd(end), level, textStart, member);
      values++;
    } else if (tag === keyTag) {
      Wire.readContent(end);
    } else {
      skipField(tag, end, keyValueMessage);
    }
  }
  if (values !== 1) irregular();
  finishValue(out, member);
}

/** Appends the key. The last key counts, and an absent key is the empty one. */
function appendLastKey(out: ByteBuffer, end: usize): void {
  const textStart = out.bytes;
  let keys: u32 = 0;
  while (position < end) {
    const tag = Wire.readTag(end);
    if (tag === keyTag) {
      out.bytes = textStart;
      appendKey(out, Wire.readContent(end));
      keys++;
    } else if (tag === valueTag) {
      Wire.readContent(end);
    } else {
      skipField(tag, end, keyValueMessage);
    }
  }
  if (keys === 0) appendKey(out, position);
  if (keys > 1) irregular();
}

function finishValue(out: ByteBuffer, member: u32): void {
  lastMember = member;
  if (member === nothing) out.appendAscii('null');
}

/** Appends an element of an array. */
function appendValue(out: ByteBuffer, end: usize, level: u32): void {
  finishValue(out, appendMembers(out, end, level, out.bytes, nothing));
}

/**
 * Appends what one occurrence of an AnyValue sets. `member` is the member that earlier occurrences
 * of the same value have set; their text begins at `textStart`. Returns the member that is set now.
 */
function appendMembers(out: ByteBuffer, end: usize, level: u32, textStart: u32, member: u32): u32 {
  if (level > levelsMax) fail(tooDeep);
  while (position < end) {
    const tag = Wire.readTag(end);
    if (!isMember(tag)) {
      skipField(tag, end, anyValueMessage);
      continue;
    }
    startMember(out, tag, textStart, member);
    appendMember(out, tag, end, level, textStart);
    member = tag;
  }
  return member;
}

/** Cuts the text back to where the next member begins, after another member was set. */
export function startMember(out: ByteBuffer, tag: u32, textStart: u32, member: u32): void {
  if (member !== nothing) irregular();
  if (member === tag && (tag === arrayTag || tag === listTag)) out.bytes -= closingBytes;
  else out.bytes = textStart;
}

/** Appends a member, whose tag has been read, of a value whose text begins at `textStart`. */
export function appendMember(
  out: ByteBuffer,
  tag: u32,
  end: usize,
  level: u32,
  textStart: u32,
): void {
  switch (tag) {
    case stringTag:
      appendString(out, Wire.readContent(end));
      break;
    case boolTag:
      out.appendAscii(Wire.readVarint(end) !== 0 ? 'true' : 'false');
      break;
    case intTag:
      appendInteger(out, <i64>Wire.readVarint(end));
      break;
    case doubleTag:
      appendNumber(out, reinterpret<f64>(Wire.readFixed64(end)));
      break;
    case arrayTag:
      appendArray(out, Wire.readContentEnd(end), level, textStart);
      break;
    case listTag:
      appendList(out, Wire.readContentEnd(end), level, textStart);
      break;
    case bytesTag:
      appendBytes(out, Wire.readContent(end));
      break;
    default:
      appendStringIndex(out, end);
  }
}

/**
 * Appends a double. JSON has no NaN and no infinities: they become strings, and only `otlp_extra`
 * keeps that they were doubles.
 */
function appendNumber(out: ByteBuffer, value: f64): void {
  if (!(abs(value) <= f64.MAX_VALUE)) irregular();
  appendDouble(out, value);
}

/** Appends the string that lies between `address` and the cursor. */
function appendString(out: ByteBuffer, address: usize): void {
  const bytes = <u32>(position - address);
  lastString.set(address, bytes);
  appendJsonString(out, address, bytes);
}

/**
 * Appends the elements of an ArrayValue. The text from `textStart` may already hold some elements.
 */
function appendArray(out: ByteBuffer, end: usize, level: u32, textStart: u32): void {
  if (out.bytes === textStart) out.appendByte(openBracket);
  while (position < end) {
    const tag = Wire.readTag(end);
    if (tag === elementTag) {
      if (out.bytes > textStart + openingBytes) out.appendByte(comma);
      appendValue(out, Wire.readContentEnd(end), level + 1);
    } else {
      skipField(tag, end, arrayMessage);
    }
  }
  out.appendByte(closeBracket);
}

/** Appends the entries of a KeyValueList in the same way. */
function appendList(out: ByteBuffer, end: usize, level: u32, textStart: u32): void {
  if (out.bytes === textStart) out.appendByte(openBrace);
  while (position < end) {
    const tag = Wire.readTag(end);
    if (tag === elementTag) {
      if (out.bytes > textStart + openingBytes) out.appendByte(comma);
      appendKeyValue(out, Wire.readContentEnd(end), level + 1);
    } else {
      skipField(tag, end, listMessage);
    }
  }
  out.appendByte(closeBrace);
}

/**
 * Appends bytes as base64. JSON has no bytes, so only `otlp_extra` keeps that this was no string.
 */
function appendBytes(out: ByteBuffer, address: usize): void {
  irregular();
  appendBase64String(out, address, <u32>(position - address));
}

function appendStringIndex(out: ByteBuffer, end: usize): void {
  irregular();
  Wire.readVarint(end);
  out.appendAscii('null');
}
