/** Skips fields, above all those that the columns do not know. */
import { fail, failMisplaced, malformed, position, tooDeep } from './cursor.ts';
import { irregular } from './irregular.ts';
import { isKnownField } from './known-fields.ts';
import {
  bytesType,
  fixed32Type,
  fixed64Type,
  groupEndType,
  groupStartType,
  varintType,
  Wire,
} from './wire-reader.ts';

/**
 * Nested groups may be as deep as nested values. Groups are deprecated, and no OTLP sender is known
 * to use them.
 */
const groupDepthMax: u32 = 64;

/** The field numbers of the groups that are open, outermost first. */
const openGroups: usize = memory.data(groupDepthMax * 4);

/** True if known fields with another wire type than their own are skipped like unknown ones. */
let toleratesMisplaced: bool = false;

/**
 * Sets how to treat a known field with another wire type than its own: as a failure (the default),
 * or as an unknown field. Earlier versions accepted such requests, and a log may still hold them.
 */
export function tolerateMisplacedFields(tolerates: bool): void {
  toleratesMisplaced = tolerates;
}

/**
 * Skips a field of a message (its number in known-fields.ts) with a tag that the columns do not
 * know; the caller has read the tag. Fails if the columns know the field with another wire type.
 */
export function skipField(tag: u32, end: usize, message: u32): void {
  irregular();
  const field = tag >>> 3;
  if (!toleratesMisplaced && isKnownField(message, field)) failMisplaced(message, field);
  else skipContent(tag, end);
}

/** Skips the content of any field; the caller has read its tag. */
export function skipContent(tag: u32, end: usize): void {
  if ((tag & 7) === groupStartType) skipGroup(tag >>> 3, end);
  else skipScalar(tag, end);
}

function skipScalar(tag: u32, end: usize): void {
  switch (tag & 7) {
    case varintType:
      Wire.readVarint(end);
      break;
    case fixed64Type:
      Wire.readFixed64(end);
      break;
    case bytesType:
      Wire.readContent(end);
      break;
    case fixed32Type:
      Wire.readFixed32(end);
      break;
    default:
      fail(malformed);
  }
}

/**
 * Skips up to the tag that closes group `number`. A message that ends before this tag is malformed.
 */
function skipGroup(number: u32, end: usize): void {
  store<u32>(openGroups, number);
  let depth: u32 = 1;
  while (position < end) {
    const tag = Wire.readTag(end);
    const innermost = openGroups + ((<usize>depth - 1) << 2);
    if ((tag & 7) === groupStartType) {
      if (depth === groupDepthMax) {
        fail(tooDeep);
        return;
      }
      store<u32>(innermost + 4, tag >>> 3);
      depth++;
    } else if ((tag & 7) !== groupEndType) {
      skipScalar(tag, end);
    } else {
      if (load<u32>(innermost) !== tag >>> 3) break;
      depth--;
      if (depth === 0) return;
    }
  }
  fail(malformed);
}
