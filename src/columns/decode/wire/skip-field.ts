/** Skips fields, above all those that the columns do not know. */
import { fail, malformed, position, tooDeep } from './cursor.ts';
import { irregular } from './irregular.ts';
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

/** Skips a field that the columns do not know; the caller has read its tag. */
export function skipField(tag: u32, end: usize): void {
  irregular();
  skipContent(tag, end);
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
