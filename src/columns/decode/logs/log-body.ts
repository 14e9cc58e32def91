/** Reads the body of a LogRecord: a string as it is, any other value as JSON text. */

import { appendBase64String } from '../text/base64.ts';
import { appendDouble } from '../text/double-text.ts';
import { appendText } from '../text/utf8.ts';
import { appendMember, startMember } from '../value/any-value.ts';
import {
  bytesTag,
  doubleTag,
  isMember,
  nothing,
  stringIndexTag,
  stringTag,
} from '../value/any-value-members.ts';
import { position } from '../wire/cursor.ts';
import { anyValueMessage } from '../wire/known-fields.ts';
import { skipField } from '../wire/skip-field.ts';
import { Wire } from '../wire/wire-reader.ts';
import { body, bodyType } from './log-columns.ts';

/** The level of the body, equal to that of an attribute's value. Nested values are deeper. */
const bodyLevel: u32 = 1;

/** True if the record has the field `body`; below it, the member that is set. */
let isThere: bool = false;
let member: u32 = nothing;
let textStart: u32 = 0;

/** Begins a row without a body. */
export function startBody(): void {
  isThere = false;
  member = nothing;
  textStart = body.text.bytes;
}

/**
 * Reads a body, which is an AnyValue. Protobuf merges a second one in the same record with the
 * first.
 */
export function readBody(end: usize): void {
  isThere = true;
  while (position < end) {
    const tag = Wire.readTag(end);
    if (isMember(tag)) {
      startMember(body.text, tag, textStart, member);
      readMember(tag, end);
      member = tag;
    } else {
      skipField(tag, end, anyValueMessage);
    }
  }
}

/** Ends the row: the body is NULL if the record has none, or one without a value. */
export function endBody(row: u32): void {
  body.endOptionalRow(row, member !== nothing && member !== stringIndexTag);
  if (isThere) bodyType.setNumber(row, member >>> 3);
  bodyType.endRow(row);
}

/**
 * Appends a member of the body. The column `body_type` holds its type. So bytes and non-finite
 * doubles, which look like strings in attributes, can be distinguished from strings here, and they
 * are not irregular.
 */
function readMember(tag: u32, end: usize): void {
  switch (tag) {
    case stringTag:
      appendString(Wire.readContent(end));
      break;
    case doubleTag:
      appendDouble(body.text, reinterpret<f64>(Wire.readFixed64(end)));
      break;
    case bytesTag:
      appendBytes(Wire.readContent(end));
      break;
    default:
      appendMember(body.text, tag, end, bodyLevel, textStart);
  }
}

/** Appends the string that lies between `address` and the cursor. */
function appendString(address: usize): void {
  appendText(body.text, address, <u32>(position - address));
}

function appendBytes(address: usize): void {
  appendBase64String(body.text, address, <u32>(position - address));
}
